# ruff: noqa: E501 (shell scripts read better in one line)
"""Ways out of the shell's sandbox, other kinds than in tests/environments/os/test_escape.py: `pytest tests/reliability/os_escapes.py`.

A script that gets somewhere prints ESCAPED. What must hold after each: nothing of the host was read, written, ended or
reached, and the shell goes on.
"""

import os
import socket
import subprocess
import time
from pathlib import Path

import pytest

from simenv.plugins.environments.os.engine.bubblewrap import Bubblewrap
from simenv.plugins.environments.os.engine.sandbox import Limits, Script
from tests.environments.os.conftest import bubblewrap  # noqa: F401
from tests.environments.os.test_escape import SECRET, goes_on, host, syscall  # noqa: F401

ROOT = Path(__file__).parents[2]
TAG = "outlives-8842"


def python(code):
    """A bash line that runs Python code which says what it got to."""
    return (
        "python3 - <<'PYTHON'\nimport ctypes, fcntl, os, socket, struct\nlibc = ctypes.CDLL(None, use_errno=True)\n"
        + code
        + "\nPYTHON\n"
    )


def tries(code, worked="True"):
    """Python that prints ESCAPED if the code runs and a condition holds then."""
    lines = "\n".join(f"    {line}" for line in code.splitlines())
    return python(
        f"try:\n{lines}\n    if {worked}: print('ESCAPED', locals().get('x'))\nexcept OSError as e:\n    print(e)"
    )


def writes(path, value="$(cat {path})"):
    """Writing to a file, even what is in it already."""
    return f'v="{value.format(path=path)}"; (echo "$v" > {path}) && echo ESCAPED {path}; true'


SETTINGS = {
    f"the setting {path}": writes(f"/proc/sys/{path}")
    for path in [
        "kernel/ns_last_pid", "kernel/pid_max", "kernel/threads-max", "kernel/randomize_va_space", "kernel/kptr_restrict",
        "kernel/dmesg_restrict", "kernel/yama/ptrace_scope", "kernel/unprivileged_bpf_disabled", "kernel/sysrq",
        "kernel/domainname", "vm/overcommit_memory", "vm/swappiness", "vm/mmap_min_addr", "fs/protected_symlinks",
        "fs/suid_dumpable", "fs/pipe-max-size", "fs/nr_open", "fs/inotify/max_user_watches", "net/ipv4/ip_forward",
        "net/ipv4/ping_group_range", "net/ipv4/ip_unprivileged_port_start", "net/core/somaxconn", "user/max_user_namespaces",
        "user/max_mnt_namespaces", "user/max_inotify_instances",
    ]
}  # fmt: skip
PROC = {
    "a format of programs": "echo ':x:M::ab::/bin/true:' > /proc/sys/fs/binfmt_misc/register && echo ESCAPED; true",
    "its own users": "for f in uid_map gid_map setgroups; do (echo '0 0 4294967295' > /proc/self/$f) && echo ESCAPED; (echo deny > /proc/1/$f) && echo ESCAPED; done; true",
    "a lower score for the killer of the host": "(echo -1000 > /proc/self/oom_score_adj) && echo ESCAPED; (echo -999 > /proc/1/oom_score_adj) && echo ESCAPED; true",
    "labels of security modules": "for f in /proc/self/attr/{current,exec,fscreate} /proc/1/attr/current; do (echo unconfined > $f) && echo ESCAPED; done; true",
    "physical pages": "for f in /proc/kpagecount /proc/kpageflags /proc/kpagecgroup; do head -c 8 $f | grep -qa . && echo ESCAPED; done; true",
    "physical addresses of its own pages": python(
        "d = open('/proc/self/pagemap', 'rb').read(8 * 64) if os.path.exists('/proc/self/pagemap') else b''\nprint('ESCAPED' if any(n & ((1 << 55) - 1) for n in struct.unpack(f'{len(d) // 8}Q', d)) else '')"
    ),
    "addresses of the kernel": "grep -qv '^0* ' <(head -50 /proc/kallsyms | cut -c1-17) && echo ESCAPED; true",
    "the image of the kernel": "head -c 4 /proc/kcore /proc/vmcore | grep -qa ELF && echo ESCAPED; true",
    "registers of devices": "for f in /proc/bus/pci/*/* /proc/mtrr /proc/acpi/*; do (: >> $f) && echo ESCAPED; done 2> /dev/null; true",
    "interrupts": "for f in /proc/irq/*/smp_affinity /proc/irq/default_smp_affinity; do (cat $f > /root/v && cat /root/v > $f) && echo ESCAPED; done 2> /dev/null; true",
    "descriptors of pid 1 by its threads": "for d in /proc/1/task/*/fd /proc/1/task/*/cwd/ /proc/1/task/*/root/; do ls $d/ 2> /dev/null | grep -q . && echo ESCAPED; done; true",
    "the stack of pid 1": "for f in stack syscall auxv io personality numa_maps smaps; do cat /proc/1/$f 2> /dev/null | grep -qa . && echo ESCAPED $f; done; true",
    "namespaces of pid 1": "for n in /proc/1/ns/*; do readlink $n && echo ESCAPED; done 2> /dev/null; true",
    "refreshing the memory of pid 1": "(echo 1 > /proc/1/clear_refs) && echo ESCAPED; (echo 0 > /proc/1/coredump_filter) && echo ESCAPED; (echo 9 > /proc/1/timerslack_ns) && echo ESCAPED; (echo x > /proc/1/comm) && echo ESCAPED; true",
    "processes beyond the namespace": "for p in $(seq 3 400) {pid}; do [ -d /proc/$p ] && grep -qa swordfish /proc/$p/cmdline && echo ESCAPED; done; true",
    "keys of the host": "cat /proc/keys | grep -q . && echo ESCAPED; true",
    "sockets of the host": "grep -q simenv-test /proc/net/unix && echo ESCAPED; grep -qi $(printf ':%04X' {port}) /proc/net/tcp && echo ESCAPED; true",
    "control groups of the host": "cut -d: -f3 /proc/self/cgroup | grep -qv '^/$' && echo ESCAPED; true",
    "places of the host in the mounts": "cat /proc/*/mountinfo /proc/*/mounts | grep -e {repository} -e {folder} && echo ESCAPED; true",
    "the folder that a namespace is seen by": "ls /proc/self/ns/ | while read n; do (exec 3< /proc/self/ns/$n) 2> /dev/null; done; readlink /proc/self/root | grep -qx / || echo ESCAPED",
}
NAMESPACES = {
    **{
        f"a new {name} namespace by {way}": syscall(*call)
        for name, flag in [("user", 0x10000000), ("mount", 0x20000), ("pid", 0x20000000), ("net", 0x40000000), ("ipc", 0x8000000), ("uts", 0x4000000), ("time", 0x80), ("cgroup", 0x2000000)]
        for way, call in [("unshare", (272, flag)), ("clone", (56, flag | 17, 0, 0, 0, 0) if flag != 0x80 else (272, flag | 0x20000))]
    },
    "new namespaces by clone3": python("for flag in (0x10000000, 0x20000, 0x20000000, 0x40000000, 0x8000000, 0x4000000, 0x80, 0x2000000, 0x10020000):\n    a = struct.pack('11Q', flag, 0, 0, 0, 17, 0, 0, 0, 0, 0, 0)\n    pid = libc.syscall(435, a, len(a))\n    if pid == 0: os._exit(0)\n    if pid > 0: print('ESCAPED', hex(flag))"),
    "entering one's own namespaces again": python("for n in os.listdir('/proc/self/ns'):\n    try: fd = os.open('/proc/self/ns/' + n, 0)\n    except OSError: continue\n    if libc.setns(fd, 0) == 0: print('ESCAPED', n)"),
    "entering by a descriptor of a process": python("for pid in (1, 2, os.getpid()):\n    fd = libc.syscall(434, pid, 0)\n    if fd >= 0 and libc.setns(fd, 0x20000) == 0: print('ESCAPED')"),
    "the parent of a namespace": python("for n in ('user', 'pid'):\n    fd = os.open('/proc/self/ns/' + n, 0)\n    try: print('ESCAPED', fcntl.ioctl(fd, 0xb702))\n    except OSError as e: print(e)"),
    "the owner of the network namespace's owner": python("fd = os.open('/proc/self/ns/user', 0)\ntry: print('ESCAPED', fcntl.ioctl(fd, 0xb701))\nexcept OSError as e: print(e)"),
    "the descriptor that the shell was started with": python("for fd in range(3, 256):\n    try: n = os.readlink(f'/proc/2/fd/{fd}')\n    except OSError: continue\n    if n.startswith('pid:'):\n        try: print('ESCAPED', fcntl.ioctl(os.open(f'/proc/2/fd/{fd}', 0), 0xb702))\n        except OSError as e: print(e)"),
    "capabilities by a namespace": "unshare -r -m --map-root-user mount -t tmpfs x /mnt && echo ESCAPED; bwrap --unshare-all --bind / / true && echo ESCAPED; true",
}  # fmt: skip
TREES = {
    "a directory moved while one stands in it": "mkdir -p /root/a/b/c; (cd /root/a/b/c; mv /root/a/b /root/z; cd ../../../../../..; ls {folder} && echo ESCAPED); true",
    "out of a chroot by a passed descriptor": tries("a, b = socket.socketpair()\nif os.fork() == 0:\n    os.mkdir('/root/j1'); os.chroot('/root/j1')\n    _, fds, _, _ = socket.recv_fds(b, 1, 1)\n    os.fchdir(fds[0]); os.chroot('.')\n    os._exit(0 if os.path.exists('{secret}') else 1)\nsocket.send_fds(a, [b'x'], [os.open('/', 0)])\nx = os.wait()[1]", "x == 0"),
    "out of a chroot by a thread of another process": "mkdir -p /root/j2/usr /root/j2/proc; chroot /root/j2 /bin/true; ls /proc/$$/root/../../..{secret} && echo ESCAPED; true",
    "a file without a name given one": tries("x = os.open('/usr/bin', os.O_TMPFILE | os.O_RDWR)"),
    "a link to an open file of the host": tries("fd = os.open('/usr/bin/env', 0)\nx = libc.linkat(-100, f'/proc/self/fd/{fd}'.encode(), -100, b'/root/env2', 0x400)", "x == 0"),
    "an exchange of names with the host": tries("open('/root/x1', 'w').close()\nx = libc.renameat2(-100, b'/root/x1', -100, b'/usr/bin/env', 2)", "x == 0"),
    "a whiteout": tries("x = libc.renameat2(-100, b'/usr/bin/env', -100, b'/usr/bin/env2', 4)", "x == 0"),
    "a mapping to write through": tries("import mmap\nx = mmap.mmap(os.open('/usr/bin/env', 0), 0, mmap.MAP_SHARED, mmap.PROT_READ | mmap.PROT_WRITE)"),
    "the protection of a mapping": tries("import mmap\nm = mmap.mmap(os.open('/usr/bin/env', 0), 0, mmap.MAP_SHARED, mmap.PROT_READ)\na = ctypes.addressof((ctypes.c_char * 1).from_buffer_copy(m[:1]))\nlibc.mmap.restype = ctypes.c_void_p\np = libc.mmap(None, 4096, 1, 1, os.open('/usr/bin/env', 0), 0)\nx = libc.mprotect(ctypes.c_void_p(p), 4096, 3)", "x == 0"),
    "an open file made writable through proc": tries("fd = os.open('/usr/bin/env', 0)\nx = os.open(f'/proc/self/fd/{fd}', os.O_WRONLY)"),
    "a path descriptor made writable": tries("fd = os.open('/usr/bin/env', os.O_PATH)\nx = os.open(f'/proc/self/fd/{fd}', os.O_RDWR)"),
    "times of programs": "touch -c -d @0 /usr/bin/env && echo ESCAPED; touch -c -h -d @0 /bin && echo ESCAPED; true",
    "modes of programs": "chmod u+s /usr/bin/env && echo ESCAPED; chmod 777 /usr/bin && echo ESCAPED; true",
    "owners of programs": "chown daemon /usr/bin/env && echo ESCAPED; chgrp -h daemon /usr/bin/awk && echo ESCAPED; true",
    "attributes of programs": tries("x = libc.setxattr(b'/usr/bin/env', b'user.x', b'1', 1, 0)", "x == 0") + "chattr +i /usr/bin/env && echo ESCAPED; setfacl -m u:daemon:rwx /usr/bin/env && echo ESCAPED; true",
    "a lease on a file of the host": tries("fd = os.open('/usr/bin/env', 0)\nx = fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_RDLCK)"),
    "a hole punched into a program": tries("x = libc.fallocate(os.open('/usr/bin/env', 0), 3, 0, 1)", "x == 0") + "truncate -c -s +0 /usr/bin/env && echo ESCAPED; true",
    "a copy by reference into a program": tries("x = fcntl.ioctl(os.open('/usr/bin/env', 0), 0x40049409, os.open('/bin/true', 0))"),
    "flags of files of the host": tries("x = fcntl.ioctl(os.open('/usr/bin/env', 0), 0x40086602, struct.pack('l', 0x10))"),
    "freezing the file system": tries("x = fcntl.ioctl(os.open('/usr/bin', 0), 0xc0045877, 0)") + "fsfreeze -f /usr/bin && echo ESCAPED; true",
    "trimming the disk": tries("x = fcntl.ioctl(os.open('/usr', 0), 0xc0185879, struct.pack('3Q', 0, 1 << 20, 0))"),
    "handles of files": tries("h = ctypes.create_string_buffer(struct.pack('Ii', 128, 0) + bytes(128))\nm = ctypes.c_int()\nx = libc.name_to_handle_at(-100, b'/usr/bin', h, ctypes.byref(m), 0)", "x == 0"),
    "folders of the host that are not shown": "for d in /home /srv /opt /boot /mnt /media /var/lib/dpkg /usr/local/bin /run/user /root/.cache /var/log/journal; do ls -A $d 2> /dev/null | grep -q . && echo ESCAPED $d; done; true",
    "work and home folders by guess": "ls -d {repository} {folder} /workspace /app /github /builds 2> /dev/null && echo ESCAPED; true",
    "accounts of the host": "grep -c . /etc/passwd | grep -qx 18 || echo ESCAPED; getent shadow root | grep -q '[$]' && echo ESCAPED; true",
    "identity of the host": "cat /etc/machine-id /var/lib/dbus/machine-id /sys/class/dmi/id/* /sys/hypervisor/uuid 2> /dev/null | grep -q . && echo ESCAPED; true",
    "programs with rights": "useradd eve 2> /dev/null; for p in mount umount su newgrp gpasswd chfn passwd pkexec sudo fusermount3; do q=$(command -v $p) && su eve -c \"$q --version; id -u\" < /dev/null 2> /dev/null | grep -qx 0 && echo ESCAPED $p; done; true",
    "watching the host's files": tries("fd = libc.syscall(300, 0, 0)\nx = fd", "x >= 0"),
    "quotas": syscall(179, 0x80000100, 0, 0, 0) + "; " + syscall(443, 0, 0, 0, 0) + "; quotaon -a && echo ESCAPED; true",
    "swap": "mkswap /root/s 2> /dev/null; swapon /root/s && echo ESCAPED; sed 1d /proc/swaps > /root/on; while read -r d _; do swapoff $d && echo ESCAPED; done < /root/on; true",
    "loop devices and images": "truncate -s 1M /root/img; losetup -f /root/img && echo ESCAPED; mount -o loop /root/img /mnt && echo ESCAPED; true",
    "fuse": "fusermount3 -V > /dev/null 2>&1; (: <> /dev/fuse) && echo ESCAPED; mknod /root/fuse c 10 229 && (: <> /root/fuse) && echo ESCAPED; true",
}  # fmt: skip
DEVICES = {
    "devices that are not a sandbox's": "ls /dev | grep -vxE 'console|core|fd|full|null|ptmx|pts|random|shm|stderr|stdin|stdout|tty|urandom|zero|mqueue' && echo ESCAPED; true",
    **{
        f"a device of its own: {name}": f"rm -f /root/d; mknod /root/d {kind}; head -c 1 /root/d | grep -qa . && echo ESCAPED; (: > /root/d) 2> /dev/null && [ -c /root/d -o -b /root/d ] && echo ESCAPED; true"
        for name, kind in [("memory", "c 1 1"), ("ports", "c 1 4"), ("terminal", "c 4 1"), ("the console", "c 5 1"), ("a disk", "b 253 0"), ("a partition", "b 8 1"), ("virtual machines", "c 10 232"), ("network taps", "c 10 200"), ("loop control", "c 10 237"), ("processor registers", "c 202 0"), ("the watchdog", "c 10 130")]
    },
    "writing to what devices are": "(echo x > /dev/full) 2> /dev/null && echo ESCAPED; mv /dev/null /dev/null2 && echo ESCAPED; rm -f /dev/zero && echo ESCAPED; mknod /dev/mem2 c 1 1 && echo ESCAPED; true",
    "input of a terminal": tries("x = os.openpty()[0]\nfcntl.ioctl(os.open('/dev/tty', os.O_RDWR), 0x5412, b'x')"),
    "a terminal taken from another session": tries("for p in (1, 2): fcntl.ioctl(os.open(f'/proc/{p}/fd/0', os.O_RDWR), 0x540E, 1)"),
    "the clipboard of the console": tries("x = fcntl.ioctl(os.open('/dev/console', os.O_RDWR), 0x541C, bytes([2]))"),
}  # fmt: skip
CALLS = {
    **{
        f"the call {name}": syscall(number, *arguments)
        for name, number, arguments in [
            ("mount", 165, (0, "b'/mnt'", "b'tmpfs'", 0, 0)), ("umount2", 166, ("b'/usr/bin'", 2)), ("swapon", 167, ("b'/root/x'", 0)),
            ("settimeofday", 164, (0, 0)), ("adjtimex with a change", 159, ("(ctypes.c_long * 40)(0x4001)",)),
            ("clock_settime", 227, (0, "(ctypes.c_long * 2)(1, 1)")), ("sethostname", 170, ("b'x'", 1)), ("setdomainname", 171, ("b'x'", 1)),
            ("iopl", 172, (3,)), ("ioperm", 173, (0, 1, 1)), ("init_module", 175, (0, 0, "b''")), ("delete_module", 176, ("b'loop'", 0)),
            ("kexec_load", 246, (0, 0, 0, 0)), ("kexec_file_load", 320, (0, 0, 0, 0, 0)), ("acct", 163, ("b'/root/acct'",)),
            ("lookup_dcookie", 212, (0, 0, 0)), ("add_key", 248, ("b'user'", "b'k'", "b'v'", 1, -3)), ("request_key", 249, ("b'user'", "b'k'", 0, 0)),
            ("perf_event_open", 298, ("(ctypes.c_long * 20)()", 0, -1, -1, 0)), ("bpf", 321, (5, "(ctypes.c_long * 20)()", 48)), ("userfaultfd for users", 323, (1,)),
            ("process_vm_readv of its parent", 310, ("__import__('os').getppid()", 0, 0, 0, 0, 0)), ("kcmp", 312, (1, 2, 1, 0, 0)), ("pidfd_getfd", 438, (3, 0, 0)),
            ("move_pages of another", 279, (2, 0, 0, 0, 0, 0)), ("migrate_pages", 256, (2, 8, 0, 0)), ("fsopen", 430, ("b'tmpfs'", 0)), ("open_tree as a copy", 428, (-100, "b'/'", 1)),
            ("mount_setattr", 442, (-100, "b'/usr'", 0, "(ctypes.c_long * 4)(1)", 32)), ("fspick", 433, (-100, "b'/'", 0)), ("statmount", 457, ("(ctypes.c_long * 4)(24)", 0, 0, 0)),
            ("process_madvise", 440, (3, 0, 0, 4, 0)), ("io_uring_setup", 425, (8, "(ctypes.c_long * 30)()")), ("vhangup", 153, ()), ("pivot_root", 155, ("b'/root'", "b'/root'")),
            ("modify the descriptor table", 134, (0,)), ("syslog", 103, (3, "ctypes.create_string_buffer(99)", 99)), ("ptrace of itself", 101, (0, 0, 0, 0)),
            ("prctl for its memory map", 157, (35, 1, 4096, 0, 0)), ("a core schedule shared with pid 1", 157, (62, 2, 1, 0, 0)),
        ]
    },
    "the calls of 32 bits by machine code": python("import mmap\nm = mmap.mmap(-1, 4096, prot=7)\nm.write(bytes.fromhex('b814000000cd80c3'))\nf = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(m)))\nprint('ESCAPED' if f() > 0 else 'refused')"),
    "a filter of its own that lets calls through": python("if libc.prctl(22, 2, ctypes.byref(ctypes.c_long(0)), 0, 0) == 0: print('ESCAPED')\nif libc.prctl(22, 0) == 0: print('ESCAPED')"),
    "no more no-new-privileges": python("print('ESCAPED' if libc.prctl(38, 0, 0, 0, 0) == 0 else '')"),
    "capabilities regained": python("h = struct.pack('Ii', 0x20080522, 0)\nd = struct.pack('6I', *[0xffffffff, 0xffffffff, 0xffffffff, 0xff, 0x1ff, 0xff])\nprint('ESCAPED' if libc.capset(h, d) == 0 else '')"),
    "ambient capabilities": python("print('ESCAPED' if any(libc.prctl(47, 2, c, 0, 0) == 0 for c in (21, 19, 12, 16)) else '')"),
    "users and groups that are not its own": python("for f in (libc.setresuid, libc.setresgid):\n    if os.fork() == 0:\n        if f(1 << 20, 1 << 20, 1 << 20) == 0: print('ESCAPED', flush=True)\n        os._exit(0)\n    os.wait()\nlibc.setfsuid(1 << 20)\nif libc.setfsuid(-1) == 1 << 20: print('ESCAPED')"),
    "more than its limits": python("import resource\nfor k in (resource.RLIMIT_NPROC, resource.RLIMIT_AS, resource.RLIMIT_FSIZE, resource.RLIMIT_CPU, resource.RLIMIT_NOFILE, resource.RLIMIT_MEMLOCK, resource.RLIMIT_CORE):\n    s, h = resource.getrlimit(k)\n    try: resource.setrlimit(k, (s, h + 1)); print('ESCAPED', k)\n    except (ValueError, OSError): pass"),
    "real time and deadlines": python("a = struct.pack('IIQiIQQQ', 48, 6, 0, 0, 0, 10**7, 10**8, 10**8)\nprint('ESCAPED' if libc.syscall(314, 0, a, 0) == 0 else '')\nfor p in (1, 2):\n    try: os.sched_setscheduler(0, p, os.sched_param(1)); print('ESCAPED')\n    except OSError: pass\nprint('ESCAPED' if libc.syscall(251, 1, 0, 1 << 13) == 0 else '')"),
    "locked memory": python("libc.mlockall(3)\nlibc.mmap.restype = ctypes.c_void_p\np = libc.mmap(None, 64 << 20, 3, 0x22, -1, 0)\nprint('ESCAPED' if libc.mlock(ctypes.c_void_p(p), 64 << 20) == 0 else '')"),
}  # fmt: skip
SIGNALS = {
    "a queued signal to pid 1": python("for n in (9, 19, 11, 34):\n    a = (ctypes.c_int * 32)(n, 0, -1)\n    libc.syscall(129, 1, n, a)\n    libc.syscall(297, 1, 1, n, a)") + "sleep 0.1; grep -q '[TZX]' <(cut -d' ' -f3 /proc/1/stat) && echo ESCAPED; true",
    "a signal by a descriptor": "python3 -c \"import os, signal\nfd = os.pidfd_open(1)\nfor n in (9, 11, 19, 6, 15): signal.pidfd_send_signal(fd, n)\"; sleep 0.1; grep -q '[TZX]' <(cut -d' ' -f3 /proc/1/stat) && echo ESCAPED; true",
    "all signals to pid 1": "for n in $(seq 1 64); do kill -$n 1 2> /dev/null; done; sleep 0.1; [ -d /proc/1 ] || echo ESCAPED",
    "a flood of orphans": "for i in $(seq 300); do (sleep 0.01 &); done; sleep 0.3; ps -e -o stat= | grep -c Z | awk '$1 > 50 {{ print \"ESCAPED\" }}'",
    "groups of the host": "for p in {pid} $(({pid} + 1)) 1 2; do kill -9 -- -$p 2> /dev/null; done; true",
    "its parent by name": "pkill -9 bwrap && echo ESCAPED; pkill -9 init; pkill -9 -f jail && echo ESCAPED; killall -9 systemd python && echo ESCAPED; true",
    "signals by input and output of another": python("try:\n    fd = os.open('/dev/null', 0); fcntl.fcntl(fd, 8, {pid}); print(fcntl.fcntl(fd, 9))\n    r, w = os.pipe(); fcntl.fcntl(r, 8, 1); fcntl.fcntl(r, 10, 9); fcntl.fcntl(r, 4, 0o20000); os.write(w, b'x')\nexcept OSError as e: print(e)"),
    "a death signal of the parent": python("libc.prctl(1, 0)\nlibc.prctl(36, 1)\nprint('ESCAPED' if os.getppid() == 0 else '')"),
}  # fmt: skip
NETWORK = {
    "the host by other names for it": "for h in localhost ::1 127.0.0.2 127.1 0.0.0.0 ::ffff:127.0.0.1 10.0.2.2 172.17.0.1 192.168.0.1 host.docker.internal; do timeout 1 bash -c \"exec 3<>/dev/tcp/$h/{port} && cat <&3\" && echo ESCAPED; done 2> /dev/null; true",
    "metadata of a cloud": "timeout 1 bash -c 'exec 3<>/dev/tcp/169.254.169.254/80' && echo ESCAPED; true",
    "datagrams": tries("s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\nx = s.sendto(b'x', ('192.0.2.1', 53))"),
    "datagrams to all": tries("s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\ns.setsockopt(1, 6, 1)\nx = s.sendto(b'x', ('255.255.255.255', 9))"),
    "groups of receivers": tries("s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\nx = s.sendto(b'x', ('224.0.0.1', 9))"),
    "echo requests": tries("x = socket.socket(socket.AF_INET, socket.SOCK_DGRAM, 1)\nx.connect(('192.0.2.1', 0))"),
    "packets of its own making": tries("x = socket.socket(socket.AF_INET, socket.SOCK_RAW, 255)") + tries("x = socket.socket(socket.AF_INET6, socket.SOCK_RAW, 58)"),
    "the sixth version": tries("s = socket.socket(socket.AF_INET6)\ns.settimeout(1)\nx = s.connect(('2001:db8::1', 80))"),
    "many paths": tries("s = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262)\ns.settimeout(1)\nx = s.connect(('127.0.0.1', {port}))"),
    "a device of another": tries("s = socket.socket()\nx = s.setsockopt(1, 25, b'eth0')"),
    "transparent addresses": tries("s = socket.socket()\nx = s.setsockopt(0, 19, 1)"),
    "interfaces that it makes": tries("fd = os.open('/dev/net/tun', os.O_RDWR)\nx = fcntl.ioctl(fd, 0x400454ca, struct.pack('16sH22x', b'tap0', 2))") + "ip tuntap add mode tap && echo ESCAPED; ip link set lo down && echo ESCAPED; true",
    "an interface's settings": tries("s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\nx = fcntl.ioctl(s, 0x8914, struct.pack('16sh22x', b'lo', 0))"),
    "a filter of packets": "iptables -L 2> /dev/null && echo ESCAPED; nft list ruleset 2> /dev/null | grep -q . && echo ESCAPED; true",
    "all abstract sockets that can be listed": python("for line in open('/proc/net/unix'):\n    n = line.split()[-1]\n    if n.startswith('@'):\n        s = socket.socket(socket.AF_UNIX)\n        try: s.connect('\\0' + n[1:]); print('ESCAPED', n)\n        except OSError: pass"),
    "the abstract socket by datagram": tries("s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)\nx = s.sendto(b'x', '\\0{abstract}')"),
    "sockets with a path on the host": "for s in /run/dbus/system_bus_socket /run/systemd/private /tmp/.X11-unix/X0 /run/containerd/containerd.sock /var/run/crio.sock /run/mysqld/mysqld.sock; do [ -e $s ] && echo ESCAPED; done; true",
    "resolvers": "timeout 2 python3 -c 'import socket; print(\"ESCAPED\", socket.gethostbyname(\"example.org\"))' 2> /dev/null; cat /etc/resolv.conf 2> /dev/null | grep -q . && echo ESCAPED; true",
    **{
        f"a socket of the family {family}": tries(f"x = socket.socket({family}, {kind})")
        for family, kind in [(3, 5), (4, 2), (5, 2), (9, 5), (18, 2), (23, 2), (24, 1), (26, 1), (28, 3), (33, 2), (34, 2), (36, 2), (39, 1), (40, 2), (41, 2), (45, 2)]
    },
}  # fmt: skip
LINKS = {
    "etc is a folder of the host": "cd /; mv /etc /e; ln -s {folder} /etc; exit",
    "usr is a folder of the host": "cd /; mv /usr /u; ln -s {folder} /usr; exit",
    "parts of etc are files of the host": "cd /etc; for n in alternatives ld.so.cache perl python3 terminfo nsswitch.conf nsswitch.conf.agent passwd; do mv $n $n.was; ln -s {folder}/$n $n; done 2> /dev/null; exit",
    "dev and proc are folders of the host": "cd /; umount /dev/shm /dev /proc; rm -rf /dev /proc; ln -s {folder} /dev; ln -s {folder} /proc; exit",
    "top folders with dots": "cd /; for n in srv opt mnt media run; do rm -rf $n; ln -s ../../../../../../..{folder} $n; done; exit",
    "names aside are taken": "cd /; for n in etc usr; do mv $n $n.was; ln -s {folder} $n; ln -s {folder} $n.old; ln -s {folder}/x $n.old~; done; exit",
    "links that change for ever": "(while :; do ln -sfn {folder} /root/flip; rm -f /root/flip; mkdir /root/flip; rmdir /root/flip; done) > /dev/null 2>&1 & (while :; do mv -T /etc /etc9; ln -s {folder} /etc; rm -f /etc; mv -T /etc9 /etc; done) > /dev/null 2>&1 & sleep 0.2; true",
    "the home of root": "cd /; rm -rf /root; ln -s {folder} /root; exit",
    "files that the grader reads": "ln -sf {secret} /etc/passwd; ln -sf /proc/1/environ /etc/group; ln -sf {secret} /root/answer; true",
    "libraries for the checks": "mkdir -p /usr/local/lib; ln -sfn {folder} /usr/local/lib/python3.11; ln -s {secret} /usr/local/lib/x.so; ln -s {folder} /etc/ld.so.preload; ln -s {folder} /pyvenv.cfg; true",
}
"""What the host's side meets when it makes a machine ready again, packs it or checks it."""

SHARED = SETTINGS | PROC | NAMESPACES | TREES | DEVICES | CALLS | NETWORK
OWN = SIGNALS | LINKS


def start():
    sandbox = Bubblewrap(Limits(seconds=5, memory=128, disk=16, processes=64, cpu=20))
    sandbox.start({}, "/root", {})
    return sandbox


@pytest.fixture(scope="module")
def common():
    sandbox = start()
    yield sandbox
    sandbox.close()


@pytest.fixture(scope="module", autouse=True)
def repository(host):  # noqa: F811
    host["repository"] = ROOT


def fill(script, host):  # noqa: F811
    for name in ("secret", "folder", "pid", "port", "abstract", "repository"):
        script = script.replace("{" + name + "}", str(host[name]))
    return script.replace("{{", "{").replace("}}", "}")


def holds(output, sandbox, host):  # noqa: F811
    """What must hold after every attempt."""
    assert b"ESCAPED" not in output.text and SECRET.encode() not in output.text, output.text[-500:]
    goes_on(sandbox)
    assert host["process"].poll() is None
    assert sorted(p.name for p in host["folder"].iterdir()) == ["secret"]
    assert host["secret"].read_text() == SECRET


@pytest.mark.parametrize("name", SHARED)
def test_no_way_out(name, host, common):  # noqa: F811
    holds(common.run(fill(SHARED[name], host)), common, host)


@pytest.mark.parametrize("name", OWN)
def test_no_way_out_by_what_is_left_behind(name, host):  # noqa: F811
    sandbox = start()
    try:
        holds(sandbox.run(fill(OWN[name], host)), sandbox, host)
        for path in ("/etc/passwd", "/root/answer", "/root/flip/secret", "/srv/secret"):
            assert SECRET.encode() not in (sandbox.read(path) or b"")
        for done in sandbox.check([Script(code="cat /root/answer /etc/passwd; touch /etc/x /root/x /srv/x; true")], []):
            assert SECRET not in done.output
        blob = sandbox.save()
        assert SECRET.encode() not in blob
        sandbox.load(blob)
        holds(sandbox.run("true"), sandbox, host)
    finally:
        sandbox.close()
    assert sorted(p.name for p in host["folder"].iterdir()) == ["secret"]


OUTLIVING = {
    "sessions of their own": f"for i in 1 2 3; do (exec -a {TAG} setsid sleep 600) & done; disown -a",
    "parents that end": f"python3 -c \"import os, time\nif os.fork() == 0:\n os.setsid()\n if os.fork() == 0: os.execvp('sleep', ['{TAG}', '600'])\"",
    "stopped processes": f"(exec -a {TAG} sleep 600) & sleep 0.1; kill -STOP $!; true",
    "another user's": f"useradd eve; su eve -s /bin/bash -c '(exec -a {TAG} setsid sleep 600) & exit'",
    "all signals ignored": f"python3 -c \"import os, signal\nif os.fork() == 0:\n [signal.signal(n, signal.SIG_IGN) for n in range(1, 32) if n not in (9, 19)]; os.setsid(); os.execvp('sleep', ['{TAG}', '600'])\"",
    "a fork for every signal": f"python3 -c \"import os, time\nif os.fork() == 0:\n os.setsid()\n for _ in range(20):\n  if os.fork() == 0: os.execvp('sleep', ['{TAG}', '600'])\n time.sleep(600)\"",
    "forks without end": f"python3 - {TAG} <<'END' &\nimport os, time\nwhile 1:\n    try:\n        if os.fork(): os._exit(0)\n    except OSError: time.sleep(0.001)\nEND\nsleep 0.2",
    "threads whose leader has ended": f"python3 - {TAG} <<'END' &\nimport ctypes, threading, time\nthreading.Thread(target=time.sleep, args=(600,)).start()\nctypes.CDLL(None).syscall(60, 0)\nEND\nsleep 0.2",
    "waiting for each other": f"mkfifo /root/f; (exec -a {TAG} cat /root/f) & (exec -a {TAG} tail -f /dev/null > /root/f) & sleep 0.1",
    "a shell in the background": f"(exec -a {TAG} bash -c 'trap : EXIT HUP TERM; while :; do sleep 1; done') & disown; exec 1>&- 2>&-",
    "a crowd": f"for i in $(seq 50); do (exec -a {TAG} sleep 600) & done; sleep 0.2",
    "vfork": f"python3 -c \"import subprocess; subprocess.Popen(['{TAG}', '600'], executable='/usr/bin/sleep', start_new_session=True)\"",
}


@pytest.mark.parametrize("name", OUTLIVING)
def test_nothing_outlives_its_machine(name):
    sandbox = start()
    sandbox.run(OUTLIVING[name])
    groups = [folder for group in sandbox._groups for folder in group.folders]
    sandbox.close()
    assert not alive()
    assert not any(folder.exists() for folder in groups)


def alive():
    for _ in range(20):
        pids = subprocess.run(["pgrep", "-f", TAG], capture_output=True).stdout
        if not pids:
            return b""
        time.sleep(0.05)
    return pids


def test_servers_of_a_machine_cannot_be_reached_from_the_host(common):
    common.run("python3 -m http.server -b 0.0.0.0 48123 > /dev/null 2>&1 & sleep 0.5")
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", 48123), 1)
    common.run("kill %1; true")


def test_two_machines_do_not_meet(common):
    other = start()
    try:
        common.run(
            "(exec -a meets-me sleep 60) & python3 -c \"import socket, time\ns = socket.socket(socket.AF_UNIX); s.bind('\\0meets-me'); s.listen(); time.sleep(3)\" & sleep 0.3; echo here > /dev/shm/meets-me; echo here > /tmp/meets-me"
        )
        look = "pgrep -f meets-me && echo ESCAPED; ls /dev/shm /tmp | grep meets && echo ESCAPED; grep -a meets /proc/net/unix && echo ESCAPED; true"
        assert b"ESCAPED" not in other.run(look).text
    finally:
        other.close()
        common.run("kill %1 %2; true")


def test_there_are_many_attempts():
    assert len(SHARED) + len(OWN) + len(OUTLIVING) >= 120
    assert os.path.isdir(ROOT / "environments")
