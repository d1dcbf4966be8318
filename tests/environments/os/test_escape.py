# ruff: noqa: E501 (shell scripts read better in one line)
"""Ways out of the sandbox, each tried from inside as root: none leads anywhere, and the shell goes on afterwards.

A script that gets somewhere prints ESCAPED. Around each, a file, a process, a server and a variable of the host must
stay unseen and as they were.
"""

import os
import socket
import subprocess
import sys
import threading
import time

import pytest

import simenv
from simenv.plugins.environments.os.engine import cgroups
from simenv.plugins.environments.os.engine.bubblewrap import Bubblewrap
from simenv.plugins.environments.os.engine.sandbox import Limits, Script

SECRET = "swordfish-7361"


def syscall(number, *arguments):
    """A bash line that makes a system call through Python (x86-64 numbers) and tells of success."""
    example = ", ".join(map(str, (number, *arguments)))
    return f"python3 -c \"import ctypes; print('ESCAPED' if ctypes.CDLL(None).syscall({example}) >= 0 else 'refused')\""


FILES = {
    "host file by its path": "cat {secret}",
    "host file by way of dots": "cat ../../../../../../..{secret}",
    "host file by a symlink": "ln -sf {secret} /root/link; cat /root/link",
    "host file by the root of pid 1": "cat /proc/1/root{secret}",
    "host file by the root of every process": 'for p in /proc/[0-9]*; do cat "$p/root{secret}" "$p/cwd{secret}"; done',
    "host file by the descriptors of every process": (
        "for f in /proc/[0-9]*/fd/*; do [ -d $f ] && cat $f{secret} $f/../../../../{secret}; done"
    ),
    "host file by the map_files of pid 1": "ls /proc/1/map_files/ && cat /proc/1/map_files/* | grep -a swordfish",
    "chroot and out again": (
        "python3 -c \"import os; os.mkdir('/root/jail'); fd = os.open('/', 0); os.chroot('/root/jail'); os.fchdir(fd);"
        "[os.chdir('..') for _ in range(50)]; os.chroot('.'); print(open('{secret}').read())\""
    ),
    "the folder above the root": "ls -a /.. | grep -x work && echo ESCAPED; cat /..{secret}",
    "block device by mknod": "mknod /root/disk b 254 0 && dd if=/root/disk count=1 && echo ESCAPED",
    "block device by name": "cat /dev/vda /dev/sda /dev/nvme0n1 | head -c 10 | grep -q . && echo ESCAPED",
    "memory device": "head -c 1 /dev/mem && echo ESCAPED; head -c 1 /dev/kmem && echo ESCAPED; head -c 1 /proc/kcore && echo ESCAPED",
    "overwrite a program": "cp /bin/true /usr/bin/ls && echo ESCAPED; echo x > /bin/bash && echo ESCAPED",
    "delete a program": "rm -f /usr/bin/env && echo ESCAPED",
    "overwrite a library": "echo x > /lib/x86_64-linux-gnu/libc.so.6 && echo ESCAPED",
    "write to a shown part of etc": "echo x > /etc/ld.so.cache && echo ESCAPED; rm -rf /etc/alternatives/awk && echo ESCAPED",
    "delete everything": "rm -rf --no-preserve-root / 2>/dev/null; [ -e /usr/bin/env ] || echo ESCAPED",
    "open by handle": syscall(304, -100, 0, 0),
    "hard link out of the tree": "ln /usr/bin/env /root/env && echo ESCAPED",
}
MOUNTS = {
    "mount a tmpfs": "mount -t tmpfs none /mnt && echo ESCAPED",
    "mount proc anew": "mount -t proc none /mnt && echo ESCAPED",
    "bind mount": "mount --bind / /mnt && echo ESCAPED",
    "remount the programs writable": "mount -o remount,rw,bind /usr/bin && echo ESCAPED; touch /usr/bin/x && echo ESCAPED",
    "unmount the programs": "umount -l /usr/bin && echo ESCAPED",
    "mount through the new calls": syscall(430, 0, 0) + "; " + syscall(428, -100, 0, 1),
    "pivot the root": "mkdir -p /root/p/q; pivot_root /root/p /root/p/q && echo ESCAPED",
    "new user namespace": "unshare -Ur true && echo ESCAPED",
    "new mount namespace": "unshare -m true && echo ESCAPED",
    "new user namespace by clone": syscall(56, 0x10000011, 0, 0, 0, 0),
    "namespaces of pid 1": "nsenter -t 1 -a true && echo ESCAPED; nsenter -t 1 -m ls {secret} && echo ESCAPED",
}
KERNEL = {
    "trace pid 1": syscall(101, 16, 1, 0, 0),
    "read the memory of pid 1": "dd if=/proc/1/mem of=/dev/null bs=1 count=1 skip=4198400 && echo ESCAPED",
    "read another process's memory": syscall(310, 1, 0, 0, 0, 0, 0),
    "change kernel settings": (
        "for f in kernel/panic kernel/core_pattern kernel/hostname vm/drop_caches fs/file-max kernel/modprobe; do"
        " cat /proc/sys/$f > /root/was 2>/dev/null; cat /root/was > /proc/sys/$f && echo ESCAPED; done"
    ),
    "system request": "echo h > /proc/sysrq-trigger && echo ESCAPED",
    "load a module": syscall(313, 0, 0, 0) + "; " + syscall(175, 0, 0, 0),
    "bpf": syscall(321, 0, 0, 0),
    "perf events": syscall(298, 0, 0, -1, -1, 0),
    "keyring": syscall(250, 0, -3, 1),
    "userfaultfd": syscall(323, 0),
    "io_uring": syscall(425, 1, 0),
    "kernel log": "dmesg | grep -q . && echo ESCAPED; cat /dev/kmsg && echo ESCAPED",
    "set the clock": "date -s '2001-01-01' > /dev/null && echo ESCAPED",
    "rename the host": "hostname evil && echo ESCAPED",
    "reboot": "reboot -f && echo ESCAPED; " + syscall(169, 0xFEE1DEAD, 0x28121969, 0x1234567, 0),
    "write to cgroups": "ls /sys/fs/cgroup/cgroup.procs /sys/fs/cgroup/*/tasks && echo ESCAPED",
    "uevent helper": "echo /root/x > /sys/kernel/uevent_helper && echo ESCAPED",
}
FIRST_PROCESS = {
    "write the memory of pid 1": (
        "for m in /proc/1/mem /proc/1/task/1/mem /proc/[0-9]*/../1/mem; do (: >> $m) && echo ESCAPED; (: < $m) && echo ESCAPED; done"
    ),
    "write the memory of pid 1 by its map": (
        "python3 -c \"a = int(open('/proc/1/maps').readline().split('-')[0], 16); f = open('/proc/1/mem', 'r+b', 0);"
        " f.seek(a); f.write(b'x'); print('ESCAPED')\""
    ),
    "write it as another user": "useradd bin2; su bin2 -c ': >> /proc/1/mem' && echo ESCAPED; su daemon -s /bin/sh -c ': >> /proc/1/mem' && echo ESCAPED",
    "write it through the vm calls": syscall(311, 1, 0, 0, 0, 0, 0) + "; " + syscall(440, 0, 0, 0, 0, 0),
    "take a descriptor of pid 1": (
        "python3 -c \"import ctypes, os; fd = os.pidfd_open(1); [print('ESCAPED') for n in range(9) if ctypes.CDLL(None).syscall(438, fd, n, 0) >= 0]\""
    ),
    "see the descriptors and the environment of pid 1": "ls /proc/1/fd/ /proc/1/cwd/ && echo ESCAPED; cat /proc/1/environ && echo ESCAPED; readlink /proc/1/exe && echo ESCAPED",
    "see the host through pid 1": (
        "grep -c . /proc/1/mountinfo | grep -qx 1 || echo ESCAPED; grep -v 'lo:\\|face\\|Inter' /proc/1/net/dev && echo ESCAPED;"
        " tr '\\0' ' ' < /proc/1/cmdline | grep -q / && echo ESCAPED; true"
    ),
    "end or stop pid 1": "kill -9 1; kill -STOP 1; kill -SEGV 1; sleep 0.1; grep -q '[TZ]' <(cut -d' ' -f3 /proc/1/stat) && echo ESCAPED; true",
    "change the limits of pid 1": "prlimit --pid 1 --nofile=0:0 && echo ESCAPED; renice -n 19 -p 1 && echo ESCAPED; renice -n 19 -u 0 && echo ESCAPED; chrt -i -p 0 1 && echo ESCAPED; taskset -p 1 1 && echo ESCAPED; prlimit --pid 1 --cpu=1:1 && echo ESCAPED; echo 1000 > /proc/1/oom_score_adj && echo ESCAPED; true",
    "attach through a thread": syscall(101, 0x4206, 1, 0, 0) + "; " + syscall(101, 16, 2, 0, 0),
    "kcmp and lists of futexes": syscall(312, 1, 2, 0, 0, 0),
}
CALLS = {
    **{
        f"a socket of family {name}": f"python3 -c \"import socket; socket.socket({family}, {kind}); print('ESCAPED')\""
        for name, family, kind in [
            ("vsock", 40, 1),
            ("netlink", 16, 3),
            ("packets", 17, 2),
            ("cryptography", 38, 5),
            ("xdp", 44, 3),
            ("tipc", 30, 1),
            ("bluetooth", 31, 3),
            ("can", 29, 3),
            ("rds", 21, 5),
            ("keys", 15, 3),
            ("qipcrtr", 42, 2),
            ("smc", 43, 1),
        ]
    },
    "shared memory of System V": syscall(29, 0, 4096, 0o1600) + "; ipcmk -M 4096 && echo ESCAPED",
    "semaphores of System V": syscall(64, 0, 1, 0o1600) + "; ipcmk -S 1 && echo ESCAPED",
    "queues of System V": syscall(68, 0, 0o1600) + "; ipcmk -Q && echo ESCAPED",
    "queues of POSIX": "python3 -c \"import ctypes; print('ESCAPED' if ctypes.CDLL(None).syscall(240, b'q', 0o102, 0o600, 0) >= 0 else '')\"",
    "limits of shared memory": (
        "for f in /proc/sys/kernel/{{shmall,shmmax,shmmni,msgmax,msgmnb,msgmni,sem}} /proc/sys/fs/mqueue/* /proc/sys/net/ipv4/tcp_rmem;"
        " do cat $f > /root/v && (cat /root/v > $f) && echo ESCAPED; done; true"
    ),
    "keys": syscall(248, 0, 0, 0, 0, 0) + "; " + syscall(249, 0, 0, 0, 0),
    "secret memory": syscall(447, 0),
    "io_uring enter and register": syscall(426, 0, 0, 0, 0, 0) + "; " + syscall(427, 0, 0, 0, 0),
    "mounts by descriptor": syscall(442, -100, 0, 0, 0, 0) + "; " + syscall(429, 0, 0, 0, 0, 0),
    "a large pipe": "python3 -c \"import fcntl, os; fcntl.fcntl(os.pipe()[1], 1031, 1 << 20); print('ESCAPED')\"",
    "large buffers of a socket": (
        'python3 -c "import socket; s = socket.socket(1); was = s.getsockopt(1, 7); s.setsockopt(1, 7, 1 << 20);'
        " print('ESCAPED' if s.getsockopt(1, 7) > was else '')\""
    ),
    "the 32-bit table of calls": "python3 -c \"import ctypes; print('ESCAPED' if ctypes.CDLL(None).syscall(0x40000000 + 39) >= 0 else '')\"",
    "the groups above its own": "find /sys/fs/cgroup -writable 2>/dev/null | grep -q . && echo ESCAPED; grep -q simenv /proc/self/cgroup /proc/1/cgroup && echo ESCAPED; true",
}
RIGHTS = {
    "capabilities": (
        "python3 -c \"caps = [int(l.split()[1], 16) for l in open('/proc/self/status') if l[:6] in ('CapEff', 'CapPrm', 'CapAmb')];"
        "print('ESCAPED' if any(c & (1 << 21 | 1 << 19 | 1 << 12 | 1 << 16 | 1 << 24) for c in caps) else caps)\""
    ),
    "file capabilities": (
        'cp /usr/bin/python3 /root/p; setcap cap_sys_admin+ep /root/p; /root/p -c "caps = int([l.split()[1] for l in'
        " open('/proc/self/status') if l[:6] == 'CapEff'][0], 16); print('ESCAPED' if caps & 1 << 21 else caps)\""
    ),
    "setuid program": (
        "useradd eve 2>/dev/null; cp /bin/bash /home/b; chown root /home/b; chmod 4755 /home/b;"
        "su eve -c '/home/b -p -c \"id -u\"' | grep -qx 0 && echo ESCAPED"
    ),
    "raise a limit": "ulimit -u 100000 && echo ESCAPED; ulimit -v unlimited && echo ESCAPED; ulimit -f unlimited && echo ESCAPED",
    "priority": "nice -n -10 true 2>&1 | grep -q cannot || echo ESCAPED; chrt -f 50 true && echo ESCAPED",
    "new privileges": "grep -q 'NoNewPrivs:.1' /proc/self/status || echo ESCAPED",
    "a user that is not mapped": "python3 -c 'import os; os.setuid(70000); print(\"ESCAPED\")'",
}
SIGNALS = {
    "kill a process of the host": "kill -9 {pid} && echo ESCAPED",
    "kill the parent": "kill -9 0 1 $PPID; kill -STOP 1; true",
    "kill everything": "bash -c 'kill -9 -1'; sleep 0.1",
    "see processes of the host": "ls /proc | grep -qx {pid} && echo ESCAPED; [ $(ls -d /proc/[0-9]* | wc -l) -lt 30 ] || echo ESCAPED",
    "push input into a terminal": "python3 -c \"import fcntl; fcntl.ioctl(open('/dev/tty', 'w'), 0x5412, b'x'); print('ESCAPED')\"",
}
NETWORK = {
    "a server on the host": "exec 3<>/dev/tcp/127.0.0.1/{port} && cat <&3 && echo ESCAPED",
    "an abstract socket of the host": (
        "python3 -c \"import socket; s = socket.socket(1); s.connect(chr(0) + '{abstract}'); print(s.recv(99), 'ESCAPED')\""
    ),
    "the world": "timeout 2 bash -c 'exec 3<>/dev/tcp/1.1.1.1/53' && echo ESCAPED",
    "names": "getent hosts example.com && echo ESCAPED",
    "sockets in the tree": "find / -xdev -type s 2>/dev/null | grep -q . && echo ESCAPED; ls /run/docker.sock /var/run/docker.sock && echo ESCAPED",
    "raw sockets": "python3 -c 'import socket; socket.socket(17, 3, 3); print(\"ESCAPED\")'",
    "new interfaces": "ip link add dummy0 type dummy && echo ESCAPED",
    "interfaces of the host": "[ $(ls /proc/self/net/dev_snmp6 2>/dev/null | grep -vc '^lo$') = 0 ] || echo ESCAPED",
}
LEAKS = {
    "variables": "env; export; cat /proc/*/environ | tr '\\0' '\\n'",
    "command lines": "cat /proc/*/cmdline | tr '\\0' '\\n' | grep {secret}",
    "mounts": "cat /proc/self/mountinfo /proc/mounts | grep {folder} && echo ESCAPED",
    "home of the user": "ls /home/* /root/.ssh /root/.bash_history 2>/dev/null | grep -q . && echo ESCAPED",
    "passwords": "grep -v '[*!]' /etc/shadow | grep -q : && echo ESCAPED",
}
EXHAUSTION = {
    "fork bomb": ":(){{ :|:& }};:",
    "threads": "python3 -c 'import threading, time; [threading.Thread(target=time.sleep, args=(9,), daemon=True).start() for _ in range(999)]; print(\"ESCAPED\")'",
    "memory of one": "python3 -c 'x = bytearray(2**31); print(\"ESCAPED\")'",
    "memory of many": "for i in 1 2 3 4 5 6 7 8; do python3 -c 'x = bytearray(10**8); import time; time.sleep(2)' & done; wait; true",
    "shared memory": "ipcmk -M 8G && echo ESCAPED",
    "memory without a name": syscall(319, "b'x'", 0),
    "disk": "dd if=/dev/zero of=/root/big bs=1M count=100; [ $(stat -c %s /root/big) -gt 40000000 ] && echo ESCAPED; rm /root/big",
    "memory as a disk": "dd if=/dev/zero of=/dev/shm/big bs=1M count=100; [ $(stat -c %s /dev/shm/big) -gt 40000000 ] && echo ESCAPED; rm /dev/shm/big",
    "a huge file with a hole": "truncate -s 1T /root/hole && echo ESCAPED; rm -f /root/hole",
    "files without end": "python3 -c \"import os\nfor n in range(10**5): open(f'/root/f{{n}}', 'w')\nprint('ESCAPED')\"; find /root -name 'f*' -delete",
    "folders without end": "python3 -c \"import os\nfor n in range(10**5): os.mkdir('d'); os.chdir('d')\nprint('ESCAPED')\"; rm -rf /root/d",
    "open files": "python3 -c \"x = [open('/dev/null') for _ in range(2 * 10**6)]; print('ESCAPED')\"",
    "endless output": "yes",
    "endless zeros": "cat /dev/zero",
    "endless errors": "cat /dev/urandom >&2",
    "endless loop": "while :; do :; done",
    "endless loop that ignores interrupts": "trap '' INT TERM; while :; do sleep 1; done",
    "endless wait": "read line < /proc/self/fd/0; cat; sleep 1000",
    "spinning in the background": "for i in 1 2 3; do (while :; do :; done) & done; true",
    "messages": "python3 -c \"import ctypes; c = ctypes.CDLL(None); print('ESCAPED' if c.mq_open(b'/q', 66, 384, 0) < 0 and 0 else '')\"",
}
SHELL = {
    "unfinished document": "cat <<END\nand so on",
    "unfinished quote": "echo 'and so on",
    "unfinished block": "if true; then (",
    "exit": "exit 3",
    "exec": "exec sleep 0.1",
    "kill the shell": "kill -9 $$",
    "exit on every error": "set -e; false",
    "no more execution": "set -n",
    "builtins of its own": "eval() {{ :; }}; builtin() {{ :; }}; printf() {{ :; }}",
    "traps": "trap 'sleep 0.01' DEBUG; trap 'echo bye' EXIT ERR RETURN; PROMPT_COMMAND='true'",
    "a prompt that never comes": "PROMPT_COMMAND='sleep 1000'",
    "closed descriptors": 'for n in $(seq 0 255); do eval "exec $n>&-"; done',
    "redirected for good": "exec > /root/out 2>&1 < /dev/zero",
    "forged end of command": "for n in $(seq 0 500); do printf '\\036%d 0\\036' $n >&2; printf '\\036%d 0\\036' $n >&250; done",
    "aliases of everything": "shopt -s expand_aliases; alias eval=false builtin=false echo=false",
    "other program for bash": "mv /bin/bash /bin/bash2; ln -sf /bin/false /usr/local/bin/bash; hash -r",
    "usr moved away": "mv /usr /usr2; ln -s / /usr; exit",
    "folder removed": "mkdir /root/here; cd /root/here; rmdir /root/here; exit",
    "home a loop": "cd /; rm -rf /root; ln -s /root /root; exit",
}
MEMORY = {
    "one process": "python3 -c 'x = [bytearray(1 << 20) for _ in range(1 << 10)]'; true",
    "many small processes": "for i in $(seq 50); do python3 -c 'x = bytearray(12 << 20); import time; time.sleep(2)' & done; wait",
    "children that copy": "python3 -c \"import os, time\nfor _ in range(40):\n if os.fork() == 0: x = bytearray(b'1' * (10 << 20)); time.sleep(2); os._exit(0)\ntime.sleep(2)\"; true",
    "unix sockets": "for i in 1 2 3 4; do python3 -c \"import socket, time\na = [socket.socketpair() for _ in range(400)]\nfor p in a:\n for s in p:\n  s.setblocking(0)\n  try:\n   while 1: s.send(b'x' * 60000)\n  except OSError: pass\ntime.sleep(2)\" & done; wait",
    "pipes": "for i in 1 2 3 4 5 6; do python3 -c \"import os, time\na = [os.pipe() for _ in range(400)]\nfor r, w in a:\n os.set_blocking(w, False)\n try:\n  while 1: os.write(w, b'x' * 60000)\n except OSError: pass\ntime.sleep(2)\" & done; wait",
    "shared pages that nobody maps": 'for i in 1 2 3 4; do python3 -c "import mmap, time\nm = mmap.mmap(-1, 60 << 20)\nfor i in range(0, 60 << 20, 4096): m[i] = 1\nm.madvise(mmap.MADV_DONTNEED); time.sleep(2)" & done; wait',
    "while it writes": "for i in 1 2 3 4 5 6; do python3 -c \"import sys, time\nx = []\nfor _ in range(30): x.append(bytearray(4 << 20)); sys.stdout.write('x' * 2000); sys.stdout.flush()\ntime.sleep(1)\" & done; wait",
}
"""Ways to hold more memory than the limit. All of them are tried in tests/reliability/os_memory.py."""
DAILY = ("many small processes", "unix sockets")
ATTEMPTS = FILES | MOUNTS | KERNEL | FIRST_PROCESS | CALLS | RIGHTS | SIGNALS | NETWORK | LEAKS | EXHAUSTION | SHELL
AFRESH = {*SHELL, *EXHAUSTION, "delete everything", "kill everything", "kill the parent", "home of the user"}
"""What leaves its machine in a state the next one should not begin with."""


@pytest.fixture(scope="module")
def host(tmp_path_factory):
    """What the sandbox must not see or touch."""
    folder = tmp_path_factory.mktemp("host")
    abstract = f"simenv-test-{os.getpid()}-{folder.name}"
    (folder / "secret").write_text(SECRET)
    folder.chmod(0o777)
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3600)", SECRET])
    server, hidden = socket.create_server(("127.0.0.1", 0)), socket.socket(socket.AF_UNIX)
    hidden.bind(f"\0{abstract}")
    hidden.listen()
    for listening in (server, hidden):
        threading.Thread(target=serve, args=(listening,), daemon=True).start()
    os.environ["SIMENV_TEST_SECRET"] = SECRET
    yield {
        "secret": folder / "secret", "folder": folder, "pid": process.pid, "process": process,
        "port": server.getsockname()[1], "abstract": abstract,
    }  # fmt: skip
    del os.environ["SIMENV_TEST_SECRET"]
    process.kill()
    process.wait()
    server.close()
    hidden.close()


def serve(listening):
    while True:
        try:
            client, _ = listening.accept()
        except OSError:
            return
        client.sendall(SECRET.encode())
        client.close()


@pytest.fixture(scope="module")
def common(host):
    sandbox = start()
    yield sandbox
    sandbox.close()


def start():
    sandbox = Bubblewrap(Limits(seconds=2, memory=256, disk=32, processes=64, cpu=20))
    sandbox.start({}, "/root", {})
    return sandbox


@pytest.mark.parametrize("name", ATTEMPTS)
def test_no_way_out(name, host, common):
    sandbox = start() if name in AFRESH else common
    try:
        done = sandbox.run(ATTEMPTS[name].format(**host))
        assert b"ESCAPED" not in done.text and SECRET.encode() not in done.text, done.text[-500:]
        goes_on(sandbox)
        assert host["process"].poll() is None
        assert sorted(p.name for p in host["folder"].iterdir()) == ["secret"]
        assert host["secret"].read_text() == SECRET
    finally:
        if sandbox is not common:
            sandbox.close()


def goes_on(sandbox):
    """The shell answers, at the second try at the latest: the first may be what a broken shell dies of."""
    for _ in range(3):
        if sandbox.run("command echo alive").text.endswith(b"alive\n"):
            return
    raise AssertionError("the shell does not come back")


def test_the_machine_is_left_with_no_process_behind(host):
    sandbox = start()
    sandbox.run("for i in 1 2 3; do setsid nohup sleep 987654 > /dev/null 2>&1 & done; disown -a")
    deadline = time.monotonic() + 10
    while len(subprocess.run(["pgrep", "-f", "sleep 987654"], capture_output=True).stdout.split()) < 3:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    sandbox.close()
    for _ in range(100):
        result = subprocess.run(["pgrep", "-f", "sleep 987654"], capture_output=True).stdout
        if not result:
            return
        time.sleep(0.05)
    raise AssertionError(result)


def test_close_ends_what_has_left_its_session_and_group_and_ignores_signals():
    sandbox = start()
    sandbox.run(
        "useradd eve; for u in root eve; do su $u -s /bin/bash -c \"trap '' HUP INT TERM; exec -a outlives-5513 setsid -f sleep 1000\"; done;"
        " (trap '' HUP TERM; exec -a outlives-5513 setsid sleep 1000) & sleep 0.3"
    )
    groups = [folder for group in sandbox._groups for folder in group.folders]
    sandbox.close()
    assert not subprocess.run(["pgrep", "-f", "sleep 1000"], capture_output=True).stdout
    assert not any(folder.exists() for folder in groups)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="cgroups")
@pytest.mark.parametrize("counted", [True, False], ids=["control group", "added up"])
@pytest.mark.parametrize("name", DAILY)
def test_memory_stays_within_the_limit(name, counted, monkeypatch):
    memory_stays_within_the_limit(MEMORY[name], counted, monkeypatch)


def memory_stays_within_the_limit(script, counted, monkeypatch):
    """By the kernel's measure, files (8 MiB) included: 32 MiB over the limit at most, 64 where the sandbox adds up itself."""
    group = cgroups.create(cgroups.Bounds(512 << 20, 64 << 20, 128))
    if group is None or group.version != 1:
        pytest.skip("no control group that tells of its peak")
    if not counted:
        monkeypatch.setattr(cgroups, "create", lambda bounds: None)
    sandbox = Bubblewrap(Limits(seconds=4, memory=64, disk=8, processes=64, cpu=20))
    try:
        sandbox.start({}, "/root", {})
        if not counted:
            enter(group, sandbox)
        watched = (sandbox._groups[0] if counted else group).folders[0] / "memory.max_usage_in_bytes"
        sandbox.run("python3 -c 'import socket, mmap, fcntl'")
        watched.write_text("0")
        sandbox.run(script)
        peak = int(watched.read_text()) >> 20
        print(f"peak {peak} MiB")
        assert peak < 64 + (32 if counted else 64) + 8
        goes_on(sandbox)
    finally:
        sandbox.close()
        group.close()


def enter(group, sandbox):
    """Let a group of the test's own measure a sandbox that has none: its shell and all that it starts."""
    first = subprocess.run(["pgrep", "-P", str(sandbox._process.pid)], capture_output=True, text=True).stdout.split()
    shells = subprocess.run(["pgrep", "-P", ",".join(first), "bash"], capture_output=True, text=True).stdout.split()
    for folder in group.folders:
        for pid in shells:
            (folder / "cgroup.procs").write_text(pid)


def test_each_bound_of_the_host_is_named():
    given = Bubblewrap.protections()
    assert given.keys() == {
        "seccomp", "control groups", "user namespaces", "users of its own", "programs of its own", "bubblewrap"
    }  # fmt: skip
    assert all(protection.given or protection.note for protection in given.values())


def test_a_killed_runner_leaves_no_process_behind():
    code = (
        "from simenv.plugins.environments.os.engine.bubblewrap import Bubblewrap; box = Bubblewrap(); box.start({}, '/root', {});"
        "box.run('(exec -a left-behind-5512 sleep 1000) & sleep 0.2'); print('up', flush=True); box.run('sleep 25')"
    )
    runner = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=os.path.dirname(simenv.__path__[0])
    )
    assert runner.stdout.readline() == b"up\n"
    assert subprocess.run(["pgrep", "-f", "^left-behind-5512"], capture_output=True).stdout
    runner.kill()
    runner.wait()
    for _ in range(100):
        if not subprocess.run(["pgrep", "-f", "^left-behind-5512"], capture_output=True).stdout:
            return
        time.sleep(0.1)
    raise AssertionError("it lives on")


TAMPERED = {
    "programs before the others in PATH": "printf '#!/bin/sh\\nexit 0\\n' > /usr/local/bin/grep; chmod +x /usr/local/bin/grep; cp /usr/local/bin/grep /usr/local/bin/python3",
    "a preloaded library": "echo /root/evil.so > /etc/ld.so.preload; cp /lib/x86_64-linux-gnu/libc.so.6 /root/evil.so",
    "functions and aliases": "grep() { return 0; }; export -f grep; alias grep=true; echo 'grep() { return 0; }' | tee -a /root/.bashrc /etc/profile /etc/bash.bashrc > /dev/null",
    "variables": "export BASH_ENV=/root/evil PATH=/root LD_PRELOAD=/root/evil.so PYTHONPATH=/root; echo 'exit 0' > /root/evil; env > /etc/environment",
    "python's site packages": "mkdir -p /usr/local/lib/python3.{9,10,11,12,13}/dist-packages; for d in /usr/local/lib/python3.*/dist-packages; do echo 'import os; os._exit(0)' > $d/sitecustomize.py; done",
    "python's user packages": "d=$(python3 -m site --user-site); mkdir -p $d; echo 'import os; os._exit(0)' > $d/usercustomize.py; echo 'import os; os._exit(0)' > $d/x.pth",
    "python's modules in the folder": "for m in sys os re; do echo 'import os; os._exit(0)' > /root/$m.py; done; cp /root/*.py /",
    "a virtual environment around python": "echo 'home = /root' | tee /usr/pyvenv.cfg /pyvenv.cfg > /dev/null",
    "name service modules": "echo 'passwd: evil files' > /etc/nsswitch.conf",
    "the folders of the programs": "mv /usr /usr2; mkdir -p /usr/bin; printf '#!/bin/sh\\nexit 0\\n' > /usr/bin/grep; chmod +x /usr/bin/grep",
    "a symlink for etc": "cp -r /etc /etc3; mv /etc /etc2; ln -s /etc3 /etc",
    "the home folder": "cd /; rm -rf /root; ln -s /nowhere /root",
    "a process that kills the others": "(while :; do pkill -9 grep; pkill -9 python3; pkill -9 bash; done) > /dev/null 2>&1 &",
    "a fifo in the way": "rm -f /root/answer; mkfifo /root/answer",
    "the terminal": "printf '\\033]0;title\\007\\033[2J'",
    "the shell's end": "trap 'exit 0' EXIT; exit 0",
}


@pytest.mark.parametrize("name", TAMPERED)
def test_the_checker_cannot_be_tampered_with(name, machine):
    machine.run(TAMPERED[name])
    wrong = Script(code="[ -p /root/answer ] || grep -q right /root/answer 2>/dev/null")
    if name != "a fifo in the way":
        assert machine.check([wrong], [])[0].status != 0
    assert machine.check([Script(code="exit 7")], [])[0].status == 7
    python = Script(language="python", code="import sys, os, re\nexit(5 if sys.argv[1:] == ['a', 'b'] else 6)")
    assert machine.check([python], ["a", "b"])[0].status == 5
    nested = Script(code="python3 -c 'import sys, re; sys.exit(9)'")
    assert machine.check([nested], [])[0].status == 9
    if name != "a symlink for etc":
        assert machine.check([Script(code="getent passwd root > /dev/null && echo fine")], [])[0].output == "fine\n"


def test_checks_change_nothing_and_reach_no_process_of_the_agents(machine):
    machine.run("(exec -a spy sleep 1000) & echo 1 > /root/a")
    before = machine.tree()
    code = "rm /root/a; touch /root/b; pgrep -fc '^spy'; pkill -9 -f '^spy'; sleep 0.1; pgrep -fc '^spy'; kill -9 -1; exit 0"
    ran = machine.check([Script(code=code)], [])
    assert ran[0].output == "1\n0\n" and machine.tree() == before
    assert machine.run("pgrep -fc '^spy'").text == b"1\n"


def test_what_stands_for_the_agents_processes_in_a_check_gives_no_way_to_the_host(machine, host):
    machine.run("(exec -a spy sleep 1000) & true")
    look = "cd /proc/$(pgrep -f '^spy'); ls root cwd/ fd exe 2>&1; cat environ maps mem 2>&1 | tr -d '\\0'"
    shown = machine.check([Script(code=f"{look}; true")], [])[0].output
    assert SECRET not in shown and "jail" not in shown and "python" not in shown, shown


def test_checks_are_bounded():
    machine = Bubblewrap(Limits(seconds=1, memory=256, disk=32, processes=64, cpu=20))
    machine.start({}, "/root", {})
    for code in ("while :; do :; done", "yes", ":(){ :|:& };: ; sleep 100", "sleep 1000 & wait"):
        assert machine.check([Script(code=code)], [])[0].status != 0
    assert machine.check([Script(code="echo on")], [])[0].output == "on\n"
    machine.close()


@pytest.mark.parametrize("link", ["/etc/hostname", "../../../../../../../etc/hostname", "/proc/1/root/etc/hostname"])
def test_grading_reads_links_inside_the_machine_only(machine, link):
    machine.run(f"ln -s {link} /root/link; echo mine > /etc/hostname")
    assert machine.read("/root/link") in (b"mine\n", None)


def test_grading_does_not_wait_for_what_is_no_file(machine):
    machine.run(
        "mkfifo /root/fifo; ln -s loop /root/loop; mkdir /root/d; ln -s /dev/zero /root/zero; ln -s /proc/self/mem /root/mem"
    )
    assert [machine.read(f"/root/{n}") for n in ("fifo", "loop", "d", "zero", "mem", "none", "bad\0name")] == [None] * 7
