"""What is served: tasks by name, each an environment with a source of samples and a dialect."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from simenv import documents
from simenv.config import EnvironmentConfig, PluginFolders, bundled, yaml_file
from simenv.env import Limits
from simenv.errors import ConfigError, unknown
from simenv.network import Reach
from simenv.options import read
from simenv.trust import DataName, PluginName


class _Served(EnvironmentConfig):
    admit: Literal["proven", "all"] = "all"
    """proven: only tasks whose gold solution passes and whose cheats do not; all: whatever the world can load"""


class SampleLimits(Limits):
    seconds: float = Field(default=86_400, gt=0)
    """wall time of one sample, and so mostly of its agent's model"""


class TaskConfig(_Served):
    """One task of a benchmark."""

    environment: PluginName
    """name of the environment"""
    dialect: PluginName = "agentbench"
    """how actions are written; only text travels in AgentBench's protocol"""
    seed: int = Field(default=0, ge=0)
    """of the procedural teacher and of the worlds"""
    limits: SampleLimits = SampleLimits()
    capacity: int = Field(default=64, ge=1, le=10_000)
    """samples at once"""
    first: int = Field(default=0, ge=0)
    """number of the first sample: of the source, or of the procedural teacher"""
    without_source: Literal["leave_out", "teacher"] = "leave_out"
    """where the source is not there: leave_out the task; teacher: tasks of the procedural teacher stand for it"""


class ServeConfig(Reach):
    """A server of AgentBench's protocol."""

    host: str = "127.0.0.1"
    """address to listen at; anything but this machine's own can be reached by strangers"""
    hosts: tuple[str, ...] = ()
    """more names under which clients reach this server, such as that of a proxy; others are refused"""
    token: Literal["random", "none"] = "random"
    """random: a new one at each start, or what SIMENV_TOKEN holds; none: whoever reaches the port may act"""
    port: int = Field(default=5000, ge=0, le=65535)
    """0 takes a free one"""
    data: DataName = "."
    """folder that relative sources are in, such as the data folder of an AgentBench checkout"""
    only: tuple[str, ...] = ()
    """tasks to serve; none named: all whose environment and source are there"""
    idle: float = Field(default=600, gt=0)
    """seconds that a session may wait for its agent"""
    sessions: int = Field(default=1000, ge=1, le=100_000)
    """samples at once over all tasks"""
    tasks: dict[str, TaskConfig] = {}
    """by the name that clients ask for"""
    plugins: PluginFolders = ()
    """more folders with environments/ in them"""


class ToolsConfig(_Served, Reach):
    """A server of one environment's actions, as MCP tools or over OpenEnv's protocol."""

    host: str = "127.0.0.1"
    """over HTTP: address to listen at"""
    hosts: tuple[str, ...] = ()
    """over HTTP: more names under which clients reach this server, such as that of a proxy; others are refused"""
    token: Literal["random", "none"] = "random"
    """over HTTP: random: a new one at each start, or what SIMENV_TOKEN holds; none: whoever reaches the port may act"""
    port: int = Field(default=8000, ge=0, le=65535)
    """over HTTP: 0 takes a free one"""
    idle: float = Field(default=1800, gt=0)
    """seconds after which a silent client's world is closed"""
    sessions: int = Field(default=64, ge=1, le=10_000)
    """clients at once"""


class OpenEnvConfig(ToolsConfig):
    """A server of one environment over OpenEnv's protocol, which is HTTP always."""

    reward: Literal["success", "progress"] = "success"
    """success: 1 at a successful end, else 0; progress: the gain in progress at each step"""
    max_turns: int | None = Field(default=None, ge=1)
    """actions of an episode; None: the environment's own number"""


_WITHOUT_WORLD = {
    "ltp": "lateral thinking puzzles",
    "CardGame": "the card game",
    "cg": "the card game",
    "avalon": "Avalon",
}
"""Beginnings of the names of AgentBench's tasks that there is no environment for."""


def absent(name: str, names: Iterable[str], left_out: Mapping[str, str] | None = None) -> str:
    """Why there is no task of a name: it was left out, there is no environment for it, or nothing has such a name."""
    if reason := (left_out or {}).get(name):
        return f"task {name!r} is left out: {reason}"
    if title := _WITHOUT_WORLD.get(name.partition("-")[0]):
        return f"task {name!r}: there is no environment for {title} yet; the tasks are: {', '.join(names)}"
    return unknown("task", name, names)


def load(path: str | Path | None, overrides: list[str]) -> ServeConfig:
    """From a YAML file (None: AgentBench's own tasks) and `a.b=value` overrides; ConfigError for what is wrong."""
    data = overridden(path or bundled("serve/agentbench.yaml"), overrides)
    for key in ("only", "hosts"):
        if isinstance(data.get(key), str):
            data[key] = [data[key]]
    config = read(ServeConfig, data, "")
    for name in config.only:
        if name not in config.tasks:
            raise ConfigError(f"only: {absent(name, config.tasks)}")
    return config


def overridden(path: str | Path | None, overrides: list[str]) -> dict[str, Any]:
    """The settings of a YAML file, if there is one, with `a.b=value` put over them."""
    data = yaml_file(Path(path)) if path else {}
    for text in overrides:
        key, equals, value = text.partition("=")
        if not equals or not key:
            raise ConfigError(f"{text!r}: expected KEY=VALUE, for example port=5000")
        _set(data, key.split("."), _value(key, value))
    return data


def _value(key: str, text: str) -> Any:
    try:
        return documents.parse_yaml(text)
    except documents.YamlError as e:
        raise ConfigError(f"{key}: not a YAML value: {text!r}") from e


def _set(data: dict[str, Any], keys: list[str], value: Any) -> None:
    """Put a value at a dotted place."""
    for key in keys[:-1]:
        inner = data.get(key)
        if inner is not None and not isinstance(inner, dict):
            raise ConfigError(f"{'.'.join(keys)}: {key} is {inner!r} and has no settings of its own")
        data[key] = data = dict(inner or {})
    data[keys[-1]] = value
