"""A system call filter for bubblewrap. It denies calls that ordinary programs do not need and that sandbox escapes used."""

from __future__ import annotations

import platform
import struct

_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW, _ERROR = 0x7FFF_0000, 0x0005_0000
_EPERM, _ENOSYS, _NO_FAMILY = 1, 38, 97
_X32 = 0x4000_0000
_NUMBER, _ARCH, _ARGUMENTS = 0, 4, 16
"""Offsets in struct seccomp_data; each argument has eight bytes, the low four first."""

_NEW = {425, 426, 427, 428, 429, 430, 431, 432, 433, 438, 440, 442, 443, 447, 448, 450, 457, 458, 467}
"""io_uring, mounts, descriptors and memory of other processes, secret memory and quotas: calls that are newer than the split
of numbers between architectures."""
_DENIED: dict[str, tuple[int, set[int]]] = {
    "x86_64": (
        0xC000_003E,
        {
            101, 103, 134, 153, 155, 163, 164, 165, 166, 167, 168, 169, 172, 173, 175, 176, 179, 180, 212, 227, 237, 238,
            239, 246, 248, 249, 250, 256, 272, 279, 298, 300, 303, 304, 308, 310, 311, 312, 313, 319, 320, 321, 323,
        },
    ),
    "aarch64": (
        0xC000_00B7,
        {
            18, 39, 40, 41, 42, 58, 60, 89, 97, 104, 105, 106, 112, 116, 117, 142, 170, 217, 218, 219, 224, 225, 235, 236,
            237, 238, 239, 241, 262, 264, 265, 268, 270, 271, 272, 273, 279, 280, 282, 294,
        },
    ),
}  # fmt: skip
"""By machine: AUDIT_ARCH, and the numbers of ptrace, process_vm_*, kcmp, mounts, unshare, setns, modules, kexec, bpf,
perf, keys, memfd (whose pages no limit counts), memory policy, file handles, clocks, quotas and reboot."""
_QUEUES = {
    "x86_64": {29, 30, 31, 64, 65, 66, 67, 68, 69, 70, 71, 220, 240, 241, 242, 243, 244, 245},
    "aarch64": {*range(180, 198)},
}
"""Shared memory, semaphores and message queues of System V, and message queues of POSIX: memory that outlives processes."""
_SOCKET = {"x86_64": (41, 53), "aarch64": (198, 199)}
"""socket and socketpair."""
_FAMILIES = (1, 2, 10)
"""Unix, IPv4 and IPv6; no other family of sockets can be made (netlink, packets, vsock, cryptography and the like)."""
_SETSOCKOPT, _FCNTL = {"x86_64": 54, "aarch64": 208}, {"x86_64": 72, "aarch64": 25}
_LEVEL, _SIZES, _PIPE_SIZE = 1, (7, 8, 32, 33), 1031
"""SOL_SOCKET; SO_SNDBUF and the like, which would make a socket hold more, and are ignored; F_SETPIPE_SZ."""
_OF_A_PROCESS = {
    "x86_64": {302: 0, 203: 0, 144: 0, 142: 0, 314: 0, 251: 1, 141: 1},
    "aarch64": {261: 0, 122: 0, 119: 0, 118: 0, 274: 0, 30: 1, 140: 1},
}
"""Calls that change the limits and priorities of a process, with the argument that names it: never the first process, which
watches the others."""
_SETPRIORITY, _OF_A_USER = {"x86_64": 141, "aarch64": 140}, 2

_Line = tuple[int, int, int, int]


def program() -> bytes:
    """The filter for this machine as BPF; b"" for a machine that is not listed. Denied calls fail with EPERM, calls that
    a small kernel may lack as if it did."""
    machine = platform.machine()
    if machine not in _DENIED:
        return b""
    arch, numbers = _DENIED[machine]
    lines: list[_Line] = [(_LOAD, 0, 0, _ARCH), (_EQUAL, 1, 0, arch), _error(_EPERM), (_LOAD, 0, 0, _NUMBER)]
    lines += [(_AT_LEAST, 0, 1, _X32), _error(_EPERM)]
    lines += _deny(numbers | _NEW, _EPERM) + _deny(_QUEUES[machine], _ENOSYS)
    for number in _SOCKET[machine]:
        lines += _when(number, [*_unless(0, _FAMILIES, _NO_FAMILY)])
    sizes = [*_argument(2), *_deny(set(_SIZES), 0)]
    lines += _when(_SETSOCKOPT[machine], [*_argument(1), (_EQUAL, 0, len(sizes), _LEVEL), *sizes])
    lines += _when(_FCNTL[machine], [*_argument(1), *_deny({_PIPE_SIZE}, _EPERM)])
    for number, index in _OF_A_PROCESS[machine].items():
        of_a_user = [*_argument(0), *_deny({_OF_A_USER}, _EPERM)] if number == _SETPRIORITY[machine] else []
        lines += _when(number, [*of_a_user, *_argument(index), *_deny({1}, _EPERM)])
    lines.append((_RETURN, 0, 0, _ALLOW))
    return b"".join(struct.pack("<HBBI", *line) for line in lines)


def _error(number: int) -> _Line:
    """Let the call fail; with number 0, do nothing and succeed."""
    return _RETURN, 0, 0, _ERROR | number


def _argument(index: int) -> list[_Line]:
    return [(_LOAD, 0, 0, _ARGUMENTS + 8 * index)]


def _deny(values: set[int], error: int) -> list[_Line]:
    """Fail if what is loaded is one of the values."""
    compare = [(_EQUAL, len(values) - n, 0, value) for n, value in enumerate(sorted(values))]
    return [*compare, (_EQUAL, 1, 1, 0), _error(error)]


def _unless(index: int, values: tuple[int, ...], error: int) -> list[_Line]:
    """Fail if an argument is none of the values."""
    compare = [(_EQUAL, len(values) - n, 0, value) for n, value in enumerate(values)]
    return [*_argument(index), *compare, _error(error)]


def _when(number: int, lines: list[_Line]) -> list[_Line]:
    """For one system call, these lines; they return or allow."""
    return [(_EQUAL, 0, len(lines) + 1, number), *lines, (_RETURN, 0, 0, _ALLOW)]
