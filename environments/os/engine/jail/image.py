"""The base machine, and the parts of the host that are mounted in it: `/usr` and a little of `/etc`.

Accounts and configuration are a small Debian's, the same on every host. Programs and libraries are the host's, read-only.
"""

from __future__ import annotations

import functools
import os

HOST = "localhost"
SHELL_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
CLEAN_PATH = "/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin"
"""The grader's PATH: /usr/local, where the agent can write, comes last."""

_DIRECTORIES = """
    boot etc etc/default etc/pam.d etc/skel etc/profile.d etc/cron.d etc/cron.daily home media mnt opt srv sys usr usr/local
    usr/local/bin usr/local/etc usr/local/games usr/local/include usr/local/lib usr/local/sbin usr/local/share
    usr/local/src run run/lock var var/backups var/cache var/lib var/local var/log var/mail var/opt var/spool var/spool/cron
""".split()  # noqa: SIM905
_MODES = {"root": 0o700, "tmp": 0o1777, "var/tmp": 0o1777, "dev": 0o755, "dev/shm": 0o1777, "proc": 0o555}
_LINKS = {
    "var/run": "/run",
    "var/lock": "/run/lock",
    "etc/mtab": "/proc/mounts",
    "etc/os-release": "../usr/lib/os-release",
}
_COPIED_FROM_HOST = [
    "debian_version",
    "issue",
    "login.defs",
    "shells",
    "bash.bashrc",
    "adduser.conf",
    "deluser.conf",
    "services",
    "protocols",
]
_MOUNTED_FROM_HOST = [
    "alternatives",
    "ld.so.cache",
    "perl",
    "python3",
    "python3.9",
    "python3.10",
    "python3.11",
    "python3.12",
    "python3.13",
    "terminfo",
]
"""Entries of the host's /etc that its programs need, mounted read-only."""
HOST_FOLDERS = ("/usr/", "/etc/")
"""Where the host's parts come from."""
_TOP = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")

_ACCOUNTS = [
    "root:0:/root:/bin/bash",
    "daemon:1:/usr/sbin",
    "bin:2:/bin",
    "sys:3:/dev",
    "sync:4:/bin:/bin/sync",
    "games:5:/usr/games",
    "man:6:/var/cache/man",
    "lp:7:/var/spool/lpd",
    "mail:8:/var/mail",
    "news:9:/var/spool/news",
    "uucp:10:/var/spool/uucp",
    "proxy:13:/bin",
    "www-data:33:/var/www",
    "backup:34:/var/backups",
    "list:38:/var/list",
    "irc:39:/run/ircd",
    "_apt:42:/nonexistent",
    "nobody:65534:/nonexistent",
]
_GROUPS = [
    "root:0",
    "daemon:1",
    "bin:2",
    "sys:3",
    "adm:4",
    "tty:5",
    "disk:6",
    "lp:7",
    "mail:8",
    "news:9",
    "uucp:10",
    "man:12",
    "proxy:13",
    "kmem:15",
    "dialout:20",
    "fax:21",
    "voice:22",
    "cdrom:24",
    "floppy:25",
    "tape:26",
    "sudo:27",
    "audio:29",
    "dip:30",
    "www-data:33",
    "backup:34",
    "operator:37",
    "list:38",
    "irc:39",
    "src:40",
    "shadow:42",
    "utmp:43",
    "video:44",
    "sasl:45",
    "plugdev:46",
    "staff:50",
    "games:60",
    "users:100",
    "nogroup:65534",
]
_PRIMARY = {"sync": 65534, "games": 60, "man": 12, "_apt": 65534, "nobody": 65534}
DAY = 19700
"""Days from 1970 to the last change of every password."""
_PAM = (
    "auth sufficient pam_rootok.so\nauth required pam_unix.so\naccount required pam_permit.so\n"
    "password required pam_unix.so sha512\nsession required pam_permit.so\n"
)
_PACKAGES = """
    apt:2.6.1 base-files:12.4 base-passwd:3.6.1 bash:5.2.15-2 bsdutils:2.38.1-5 coreutils:9.1-1 dash:0.5.12-2 debconf:1.5.82
    debianutils:5.7-0.5 diffutils:3.8-4 dpkg:1.21.22 e2fsprogs:1.47.0-2 findutils:4.9.0-4 gpgv:2.2.40-1.1 grep:3.8-5
    gzip:1.12-1 hostname:3.23+nmu1 init-system-helpers:1.65.2 libacl1:2.3.1-3 libbz2-1.0:1.0.8-5 libc6:2.36-9 libcap2:2.66-4
    libgpg-error0:1.46-1 libpcre2-8-0:10.42-1 login:4.13-1 mawk:1.3.4.20200120-3.1 mount:2.38.1-5 passwd:4.13-1
    perl-base:5.36.0-7 procps:4.0.2-3 sed:4.9-1 tar:1.34-1.2 tzdata:2024a-0 util-linux:2.38.1-5 zlib1g:1.2.13
""".split()  # noqa: SIM905
_STEPS = "half-installed unpacked half-configured triggers-pending triggers-awaited installed".split()  # noqa: SIM905
_TEXTS = {
    "etc/hostname": HOST + "\n",
    "etc/hosts": f"127.0.0.1\t{HOST}\n::1\t{HOST} ip6-localhost ip6-loopback\n",
    "etc/nsswitch.conf": "passwd: files\ngroup: files\nshadow: files\ngshadow: files\nhosts: files\nservices: files\n",
    "etc/timezone": "Etc/UTC\n",
    "etc/fstab": "# UNCONFIGURED FSTAB FOR BASE SYSTEM\n",
    "etc/crontab": "SHELL=/bin/sh\nPATH=/usr/local/sbin:/usr/local/bin:/sbin:/bin:/usr/sbin:/usr/bin\n",
    "etc/default/useradd": "SHELL=/bin/sh\n",
    "etc/profile": f'PATH="{SHELL_PATH}"\nexport PATH\nfor i in /etc/profile.d/*.sh; do [ -r "$i" ] && . "$i"; done\nunset i\n',
    "etc/environment": "",
    "etc/skel/.bashrc": "# ~/.bashrc\nalias ll='ls -alF'\n",
    "etc/skel/.profile": "# ~/.profile\n[ -f ~/.bashrc ] && . ~/.bashrc\n",
    "root/.bashrc": "# ~/.bashrc\numask 022\n",
    "root/.profile": "# ~/.profile\n[ -f ~/.bashrc ] && . ~/.bashrc\n",
    "var/log/dpkg.log": "".join(
        f"2024-01-15 09:12:{second:02} status {step} {name}:amd64 {version}\n"
        for second, (name, version) in enumerate(package.split(":") for package in _PACKAGES)
        for step in _STEPS
    ),
    **{
        f"etc/pam.d/{name}": _PAM
        for name in ("other", "su", "su-l", "passwd", "chpasswd", "useradd", "usermod", "login")
    },
}

_SWITCH = "/etc/nsswitch.conf"
"""Without this file, the C library looks into the files of accounts alone, as the base machine's says."""
_LONGEST_SWITCH = 4096


def build(root: str) -> None:
    """Build the base machine in an empty folder."""
    for name in _DIRECTORIES:
        os.mkdir(f"{root}/{name}")
    for name, mode in _MODES.items():
        os.mkdir(f"{root}/{name}")
        os.chmod(f"{root}/{name}", mode)
    for name, target in _LINKS.items():
        os.symlink(target, f"{root}/{name}")
    for name, text in (_TEXTS | _accounts()).items():
        with open(f"{root}/{name}", "w", encoding="utf-8") as file:
            file.write(text)
    for name in ("etc/shadow", "etc/gshadow"):
        os.chmod(f"{root}/{name}", 0o640)
        if not only_root():
            os.chown(f"{root}/{name}", 0, 42)
    for name in _COPIED_FROM_HOST:
        if os.path.isfile(f"/etc/{name}"):
            with open(f"/etc/{name}", "rb") as original, open(f"{root}/etc/{name}", "wb") as copy:
                copy.write(original.read())
    restore_mount_points(root, mount_points())
    os.chmod(root, 0o755)


def only_root() -> bool:
    """Whether root is the only possible user, because the host's user has no subordinate ids."""
    with open("/proc/self/uid_map") as rows:
        return sum(int(row.split()[2]) for row in rows) == 1


def _accounts() -> dict[str, str]:
    rows = [[*a.split(":"), "/usr/sbin/nologin"][:4] for a in _ACCOUNTS]
    users = [(name, int(number), home, shell) for name, number, home, shell in rows]
    passwd = [f"{n}:x:{u}:{_PRIMARY.get(n, u)}:{n}:{home}:{shell}\n" for n, u, home, shell in users]
    return {
        "etc/passwd": "".join(passwd),
        "etc/shadow": "".join(f"{n}:*:{DAY}:0:99999:7:::\n" for n, *_ in users),
        "etc/group": "".join("{}:x:{}:\n".format(*g.split(":")) for g in _GROUPS),
        "etc/gshadow": "".join(f"{g.partition(':')[0]}:*::\n" for g in _GROUPS),
    }


@functools.cache
def host_mounts() -> list[tuple[str, str]]:
    """Source and target of each mount from the host: programs, libraries and shared data."""
    parts = [(os.path.realpath(f"/{n}"), f"/{n}") for n in _TOP if os.path.isdir(f"/{n}")]
    for name in sorted(os.listdir("/usr")):
        if name != "local" and os.path.isdir(f"/usr/{name}") and not os.path.islink(f"/usr/{name}"):
            parts.append((f"/usr/{name}", f"/usr/{name}"))
    return parts + [(f"/etc/{n}", f"/etc/{n}") for n in _MOUNTED_FROM_HOST if os.path.exists(f"/etc/{n}")]


@functools.cache
def mount_points() -> dict[str, bool]:
    """Paths where the host's parts and the kernel's file systems are mounted, and those above; whether each is a folder."""
    points = {}
    for source, target in [*host_mounts(), ("/", "/proc"), ("/", "/dev"), ("/", "/dev/shm")]:
        steps = target.strip("/").split("/")
        for depth in range(1, len(steps) + 1):
            points["/".join(["", *steps[:depth]])] = depth < len(steps) or os.path.isdir(source)
    return points


def restore_mount_points(root: str, points: dict[str, bool]) -> None:
    """Make every mount point a real folder or file again, whatever the agent made of it."""
    for point, folder in points.items():
        path = root + point
        if os.path.islink(path) or os.path.isfile(path) == folder or not os.path.lexists(path):
            _replace(path, folder)


def _replace(path: str, folder: bool) -> None:
    if os.path.lexists(path):
        aside = f"{path}.old"
        while os.path.lexists(aside):
            aside += "~"
        os.rename(path, aside)
    if folder:
        os.mkdir(path, 0o755)
    else:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL, 0o644))


def is_plain_folder(root: str, path: str) -> bool:
    """Whether a path below the root is a folder that no link leads to."""
    steps = [step for step in path.split("/") if step]
    places = ["/".join([root, *steps[:depth]]) for depth in range(1, len(steps) + 1)]
    return ".." not in steps and all(os.path.isdir(place) and not os.path.islink(place) for place in places)


def _remove_folder(path: str) -> None:
    for folder, folders, files in os.walk(path, topdown=False):
        for name in (*folders, *files):
            entry = os.path.join(folder, name)
            (os.rmdir if os.path.isdir(entry) and not os.path.islink(entry) else os.unlink)(entry)
    os.rmdir(path)


def remove_tool_overrides() -> bytes:
    """Remove from `/`, a copy of the tree, all that changes how the grader's tools work."""
    paths, library = ["/etc/ld.so.preload", "/usr/pyvenv.cfg", "/pyvenv.cfg"], "/usr/local/lib"
    if os.path.isdir(library):
        names = [n for n in os.listdir(library) if n.startswith(("python", "perl", "site_perl")) or ".so" in n]
        paths += [f"{library}/{n}" for n in names]
    for path in paths:
        if os.path.isdir(path) and not os.path.islink(path):
            _remove_folder(path)
        elif os.path.lexists(path):
            os.unlink(path)
    if os.path.lexists(_SWITCH) and not _is_own_switch():
        _restore_switch()
    return b""


def _is_own_switch() -> bool:
    if os.path.islink(_SWITCH) or not os.path.isfile(_SWITCH):
        return False
    with open(_SWITCH, "rb") as file:
        return file.read(_LONGEST_SWITCH) == _TEXTS[_SWITCH.strip("/")].encode()


def _restore_switch() -> None:
    """Put the base machine's switch of name services in the place of the agent's."""
    if os.path.isdir(_SWITCH) and not os.path.islink(_SWITCH):
        _remove_folder(_SWITCH)
    else:
        os.unlink(_SWITCH)
    with open(_SWITCH, "x", encoding="utf-8") as file:
        file.write(_TEXTS[_SWITCH.strip("/")])
