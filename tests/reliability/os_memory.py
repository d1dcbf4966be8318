# ruff: noqa: E501 (shell scripts read better in one line)
"""Ways to hold more memory than the limit, those of tests/environments/os/test_escape.py and others: `pytest tests/reliability/os_memory.py`."""

import pytest

from tests.environments.os.conftest import bubblewrap  # noqa: F401
from tests.environments.os.test_escape import MEMORY, memory_stays_within_the_limit


def many(code, count=20):
    """A bash line that runs Python code in that many processes for a while."""
    return "cat > /root/m.py <<'PYTHON'\nimport ctypes, mmap, os, resource, select, socket, threading, time\nlibc = ctypes.CDLL(None)\ntry:\n" + "".join(f"    {line}\n" for line in code.splitlines()) + f"except (OSError, MemoryError, RuntimeError): pass\ntime.sleep(2)\nPYTHON\nfor i in $(seq {count}); do python3 -S /root/m.py & done; wait"  # fmt: skip


OTHERS = {
    "tables of pages": many("for n in range(100): m = mmap.mmap(-1, 2 << 20); m[0] = 1; globals()[f'm{n}'] = m"),
    "very many mappings": many("x = [mmap.mmap(-1, 4096, prot=1 + n % 2) for n in range(30000)]", 10),
    "watches": many("fd = libc.inotify_init()\nfor n in range(20000):\n p = f'/root/w{n}'\n libc.inotify_add_watch(fd, b'/proc/self/fd', 0xfff)\n fd2 = libc.inotify_init()"),
    "descriptors in flight": many("a, b = socket.socketpair()\nwhile 1:\n c, d = socket.socketpair()\n socket.send_fds(a, [b'x' * 30000], [c.fileno(), d.fileno()] * 50)"),
    "polls of polls": many("e = [select.epoll() for _ in range(400)]\nfor x in e:\n for y in e:\n  if x is not y:\n   try: x.register(y)\n   except OSError: pass"),
    "timers": many("t = ctypes.c_void_p()\nwhile libc.timer_create(1, None, ctypes.byref(t)) == 0: pass"),
    "locks of files": many("import fcntl\nf = open(f'/root/l{os.getpid()}', 'w')\nfor n in range(0, 200000, 2): fcntl.lockf(f, fcntl.LOCK_EX, 1, n)"),
    "signals that wait": many("import signal\nsignal.pthread_sigmask(0, range(34, 64))\nwhile 1: libc.sigqueue(os.getpid(), 40, 0) == 0 or time.sleep(1)"),
    "arguments and environments": "x=$(head -c 100000 /dev/zero | tr '\\0' x); for i in $(seq 40); do env a=$x b=$x c=$x d=$x e=$x sleep 2 & done; wait",
    "threads with large stacks": many("threading.stack_size(4 << 20)\ndef f(n=0):\n b = bytearray(200000)\n f(n + 1) if n < 15 else time.sleep(2)\nfor _ in range(8): threading.Thread(target=f).start()", 6),
    "memory that is shared and grows": many("m = mmap.mmap(-1, 1 << 20)\nfor _ in range(40):\n m.resize(len(m) + (1 << 20)); m.seek(len(m) - (1 << 20)); m.write(b'x' * (1 << 20))", 6),
    "stacks of the kernel": "for i in $(seq 50); do python3 -S -c 'import threading, time; [threading.Thread(target=time.sleep, args=(2,)).start() for _ in range(60)]' & done; wait",
    "seccomp filters": many("p = (ctypes.c_ulonglong * 4096)(*[0x7fff000000000006] * 4096)\nclass F(ctypes.Structure): _fields_ = [('n', ctypes.c_ushort), ('p', ctypes.c_void_p)]\nf = F(4096, ctypes.addressof(p))\nwhile libc.prctl(22, 2, ctypes.byref(f), 0, 0) == 0: pass", 10),
    "a fork of a large one": "python3 -c \"import os, time\nx = bytearray(40 << 20)\nfor _ in range(20):\n if os.fork() == 0:\n  x[::4096] = b'y' * len(x[::4096]); time.sleep(2); os._exit(0)\ntime.sleep(2)\"",
    "connections by TCP": many("import fcntl\ns = socket.create_server(('127.0.0.1', 0), backlog=400)\nc = []\nwhile 1:\n x = socket.create_connection(s.getsockname()); x.setblocking(0); c.append((x, s.accept()))\n try:\n  while 1: x.send(b'x' * 60000)\n except BlockingIOError: pass", 6),
    "datagrams that nobody takes": many("r = [socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) for _ in range(100)]\nfor n, s in enumerate(r): s.bind(f'\\0d{os.getpid()}-{n}')\nw = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); w.setblocking(0)\nfor s in r:\n try:\n  while 1: w.sendto(b'x' * 60000, s.getsockname())\n except OSError: pass"),
}  # fmt: skip


@pytest.mark.parametrize("counted", [True, False], ids=["control group", "added up"])
@pytest.mark.parametrize("name", OTHERS | MEMORY)
def test_memory_stays_within_the_limit(name, counted, monkeypatch):
    memory_stays_within_the_limit((OTHERS | MEMORY)[name], counted, monkeypatch)
