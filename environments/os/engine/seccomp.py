"""A system call filter for bubblewrap. It denies calls that ordinary programs do not need and that sandbox escapes used."""

from __future__ import annotations

import platform
import struct

_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW, _EPERM = 0x7FFF_0000, 0x0005_0001
_X32 = 0x4000_0000

_NEW = {425, 426, 427, 428, 429, 430, 431, 432, 433, 442}
"""io_uring and the mount calls that are newer than the split of numbers between architectures."""
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


def program() -> bytes:
    """The filter for this machine as BPF; b"" for a machine that is not listed. Denied calls fail with EPERM."""
    machine = platform.machine()
    if machine not in _DENIED:
        return b""
    arch, numbers = _DENIED[machine]
    numbers_denied = sorted(numbers | _NEW)
    to_deny = len(numbers_denied) + 1
    lines = [(_LOAD, 0, 0, 4), (_EQUAL, 0, to_deny + 2, arch), (_LOAD, 0, 0, 0), (_AT_LEAST, to_deny, 0, _X32)]
    lines += [(_EQUAL, len(numbers_denied) - i, 0, number) for i, number in enumerate(numbers_denied)]
    lines += [(_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _EPERM)]
    return b"".join(struct.pack("<HBBI", *line) for line in lines)
