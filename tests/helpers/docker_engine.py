"""A container engine for tests, in the place of the `docker` SDK: containers are folders, their shell is the host's bash."""

import io
import os
import select
import socket
import struct
import subprocess
import tarfile
import threading
from types import SimpleNamespace


class DockerException(Exception):
    """What the SDK raises."""


class NotFound(DockerException):
    """There is no such thing."""


class Ulimit(dict):
    """A limit, as words."""


class Shell:
    """Bash behind a socket that frames what it says, as the engine's API does."""

    def __init__(self, folder, environment):
        self.ours, self.theirs = socket.socketpair()
        environment = {"PATH": os.environ["PATH"]} | environment
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        self.process = subprocess.Popen(["bash", "--norc", "--noprofile"], cwd=folder, env=environment, **pipes)
        for work in (self._type, self._say):
            threading.Thread(target=work, daemon=True).start()

    def _type(self):
        try:
            while data := self.ours.recv(4096):
                self.process.stdin.write(data)
                self.process.stdin.flush()
        except OSError:
            return

    def _say(self):
        """What is on standard output goes before what was written to standard error after it."""
        channels = {self.process.stdout.fileno(): 1, self.process.stderr.fileno(): 2}
        try:
            while channels:
                select.select([*channels], [], [])
                pipe = min(select.select([*channels], [], [], 0)[0], key=channels.get)
                if data := os.read(pipe, 4096):
                    self.ours.sendall(struct.pack(">BxxxL", channels[pipe], len(data)) + data)
                else:
                    del channels[pipe]
            self.ours.shutdown(socket.SHUT_RDWR)
        except OSError:
            return

    def close(self):
        self.process.kill()
        self.process.wait()


class Container:
    """A container; `files` are what differs from its image, by path."""

    def __init__(self, engine, image, command, options):
        self.engine, self.image, self.command, self.options = engine, image, command, options
        self.id, self.files, self.removed, self.ran, self.unpacked = f"c{len(engine.made)}", {}, [], [], b""
        self.restarts, self.alive, self.shell = 0, True, None

    def exec_run(self, command, user):
        self.ran.append((command, user))
        return self.engine.answers.get(command[0], (0, b""))

    def diff(self):
        kinds = [{"Path": p, "Kind": 1} for p in self.files] + [{"Path": p, "Kind": 2} for p in self.removed]
        return kinds or None

    def get_archive(self, path):
        if path not in self.files:
            raise NotFound(path)
        kind, mode, content = self.files[path]
        info, buffer = tarfile.TarInfo(path.rsplit("/", 1)[-1]), io.BytesIO()
        info.type, info.mode, info.uid, info.gid = kind, mode, 7, 8
        info.size, info.linkname = (len(content), "") if kind == tarfile.REGTYPE else (0, content.decode())
        with tarfile.open(fileobj=buffer, mode="w") as archive:
            archive.addfile(info, io.BytesIO(content))
        return [buffer.getvalue()], {}

    def put_archive(self, path, data):
        self.unpacked = (path, data)

    def commit(self):
        return SimpleNamespace(id=f"image of {self.id}")

    def restart(self, timeout):
        self.restarts += 1
        self.shell.close()

    def wait(self, timeout):
        return {"StatusCode": self.engine.statuses.pop(0)}

    def logs(self, stdout, stderr):
        return b"said\n" if stdout else b"moaned\n"

    def remove(self, force):
        self.alive = not force
        if self.shell:
            self.shell.close()


class Engine:
    """The `docker` module and its client in one; `folder` is where shells start."""

    def __init__(self, folder):
        self.folder, self.made, self.answers, self.statuses, self.removed, self.created = folder, [], {}, [], [], []
        self.errors = SimpleNamespace(DockerException=DockerException, NotFound=NotFound)
        self.types = SimpleNamespace(Ulimit=Ulimit)
        self.containers = self.images = self.api = self

    def from_env(self):
        return self

    def ping(self):
        return True

    def run(self, image, command, **options):
        self.made.append(Container(self, image, command, options))
        return self.made[-1]

    def remove(self, image, force):
        self.removed.append((image, force))

    def exec_create(self, container, command, **options):
        self.created.append((container, command, options))
        return {"Id": container}

    def exec_start(self, id, socket):
        container = next(c for c in self.made if c.id == id)
        container.shell = Shell(self.folder, self.created[-1][2]["environment"])
        return SimpleNamespace(_sock=container.shell.theirs)
