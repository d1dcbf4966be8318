"""The container backend, where an engine runs; and what is said where none does."""

import pytest

from simenv.errors import ConfigError
from simenv.plugins.environments.os.engine.containers import Container
from simenv.plugins.environments.os.engine.sandbox import Limits, Script
from simenv.plugins.environments.os.world import OS

IMAGE = "debian:12"


@pytest.fixture
def container():
    docker = pytest.importorskip("docker", reason="no docker SDK: install simenv[docker]")
    try:
        example = Container(Limits(seconds=5), IMAGE)
    except ConfigError as e:
        pytest.skip(str(e))
    try:
        example._client.images.get(IMAGE)
    except docker.errors.ImageNotFound:
        pytest.skip(f"the image {IMAGE} is not here")
    example.start({"files": [{"path": "/srv/a", "content": "x\n"}], "users": [{"name": "ann"}]}, "/root", {"A": "1"})
    yield example
    example.close()


def test_it_does_what_bubblewrap_does(container):
    assert container.run("cat /srv/a; echo $A; id -un ann").text == b"x\n1\nann\n"
    container.run("cd /tmp; B=2; echo y > /srv/b")
    blob = container.save()
    assert container.tree()["/srv/b"].text == "y\n" and container.cwd() == "/tmp"
    assert container.check([Script(code='[ "$(cat /srv/b)" = "$1" ]; rm /srv/b')], ["y"])[0].status == 0
    container.run("rm /srv/b; exit")
    container.load(blob)
    assert container.run("pwd; echo $B; cat /srv/b").text == b"/tmp\n2\ny\n"
    assert container.run("sleep 100", 1).ending == "timeout"
    assert container.run("echo on").text == b"on\n"


def test_no_engine_is_the_users_to_mend(monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:9")
    with pytest.raises(ConfigError, match=r"simenv\[docker\]|no Docker or Podman engine"):
        OS(OS.Options(engine="docker")).begin({"files": []}, None)
