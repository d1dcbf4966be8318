"""`simenv serve`: AgentBench's protocol for its own client; one environment as MCP tools or by OpenEnv's protocol."""

from __future__ import annotations

import argparse
import asyncio
import socket
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from simenv import network
from simenv.errors import ConfigError, SimenvError
from simenv.grammar import Parser, Row, add_words
from simenv.options import explain, read
from simenv.serve.benchmark_task import Bench
from simenv.serve.config import OpenEnvConfig, ServeConfig, TaskConfig, ToolsConfig, load, overridden
from simenv.serve.guard import NO_TOKEN, Access, name_of, new_token
from simenv.serve.sessions import Sessions
from simenv.serve.task_catalog import TaskCatalog

HELP = """
Serves environments to programs that are not simenv's.

  simenv serve --agentbench                              AgentBench's HTTP protocol, at http://127.0.0.1:5000/api
  simenv serve --agentbench data=AgentBench/data         with the samples of an AgentBench checkout
  simenv serve --agentbench 'only=[dbbench-std]' port=5001
  simenv serve --agentbench my.yaml                      with tasks of your own
  simenv serve --mcp household                           MCP tools over stdin and stdout
  simenv serve --mcp db --http port=8000                 MCP tools at http://127.0.0.1:8000/mcp
  simenv serve --mcp db source=tasks.jsonl               the tasks of a file
  simenv serve --openenv household                       OpenEnv's protocol, at http://127.0.0.1:8000

Over HTTP a client needs the token, which stands in the address that is printed at the start. AgentBench's client takes that
address as it is, in its configs/assignments/definition.yaml: `controller_address: http://127.0.0.1:5000/TOKEN/api`. An MCP
client takes `http://127.0.0.1:8000/mcp?token=TOKEN`, or the header `Authorization: Bearer TOKEN` and the address without it;
OpenEnv's client `GenericEnvClient("http://127.0.0.1:8000/TOKEN")`, or the same header in its `headers`.
SIMENV_TOKEN=… in the environment sets a token of your own; --no-token does without one.
"""


def _parser() -> argparse.ArgumentParser:
    def options() -> list[Row]:
        agentbench = [*explain(ServeConfig), *explain(TaskConfig, "tasks.NAME.")]
        tools, more = explain(ToolsConfig), [r for r in explain(OpenEnvConfig) if r[0] not in ToolsConfig.model_fields]
        kinds = {"--agentbench": agentbench, "--mcp, --openenv": tools, "--openenv": more}
        return [(f"{key} ({kind})", default, text) for kind, rows in kinds.items() for key, default, text in rows]

    parser = Parser(
        "serve", HELP, options, keys=dict.fromkeys((*ServeConfig.model_fields, *OpenEnvConfig.model_fields))
    )
    how = parser.add_mutually_exclusive_group(required=True)
    how.add_argument("--agentbench", action="store_true", help="AgentBench's HTTP protocol (v0.2)")
    how.add_argument("--mcp", metavar="ENVIRONMENT", help="one environment as MCP tools")
    how.add_argument("--openenv", metavar="ENVIRONMENT", help="one environment over OpenEnv's protocol")
    parser.add_argument("--http", action="store_true", help="with --mcp: streamable HTTP instead of stdin and stdout")
    parser.add_argument("--no-token", action="store_true", help="over HTTP: the same as token=none")
    add_words(parser, "CONFIG.yaml", text="a YAML file, and options over those of the file")
    return parser


def serve(argv: list[str]) -> int:
    """The command; exit status 0 (interrupted), 1 (a failure), 2 (wrong input)."""
    try:
        with network.during(argv) as words:
            return _serve(_parser().parse_args(words))
    except KeyboardInterrupt:
        return 0
    except ConfigError as e:
        print(f"simenv serve: {e}", file=sys.stderr)
        return 2
    except SimenvError as e:
        print(f"simenv serve: {e}", file=sys.stderr)
        return 1


def _serve(args: argparse.Namespace) -> int:
    files = [w for w in args.words if "=" not in w or Path(w).is_file()]
    overrides = [w for w in args.words if w not in files] + ([f"token={NO_TOKEN}"] if args.no_token else [])
    if len(files) > 1:
        raise ConfigError(f"{files[1]!r}: expected KEY=VALUE; a config is given already: {files[0]}")
    file = next(iter(files), None)
    if args.http and not args.mcp:
        whose = "AgentBench's" if args.agentbench else "OpenEnv's"
        raise ConfigError(f"--http goes with --mcp; {whose} protocol is HTTP always")
    if args.agentbench:
        _agentbench(load(file, overrides))
    elif args.openenv:
        _openenv(args.openenv, read(OpenEnvConfig, overridden(file, overrides), ""))
    else:
        _mcp(args.mcp, args.http, read(ToolsConfig, overridden(file, overrides), ""))
    return 0


def _agentbench(config: ServeConfig) -> None:
    agentbench, listen = _module("agentbench"), _module("asgi")
    left_out: dict[str, str] = {}
    benches = asyncio.run(gather(config, left_out))
    for name, bench in benches.items():
        _say(f"{name}: {bench.told}")
    access = _access(config)
    on = listen.bind(config.host, config.port)
    _say(f"{_address(config.host, on)}{access.token and '/'}{access.token}/api")
    listen.listen(agentbench.app(Sessions(benches, config.idle, config.sessions, left_out), access), on)


async def gather(config: ServeConfig, left_out: dict[str, str] | None = None) -> dict[str, Bench]:
    """The tasks that can be served, loaded; those that cannot are told, and are an error where they are asked for by name.
    `left_out` takes them and the reasons."""
    benches: dict[str, Bench] = {}
    for name in config.only or config.tasks:
        try:
            bench = Bench(name, config.tasks[name], Path(config.data))
            await bench.load()
        except ConfigError as e:
            if config.only:
                raise
            _say(f"{name} is left out: {e}")
            if left_out is not None:
                left_out[name] = str(e)
        else:
            benches[name] = bench
    if not benches:
        raise ConfigError("there is no task to serve; give data=FOLDER, or tasks of your own in a YAML file")
    return benches


def _mcp(environment: str, http: bool, config: ToolsConfig) -> None:
    shelf = TaskCatalog(environment, config)
    asyncio.run(shelf.load())
    server = _module("mcp").EnvironmentServer(shelf, config.sessions, config.idle)
    if not http:
        asyncio.run(server.run_stdio_async())
        return
    listen = _module("asgi")
    access = _access(config)
    on = listen.bind(config.host, config.port)
    _say(f"{_address(config.host, on)}/mcp{access.token and '?token='}{access.token}")
    listen.listen(_module("mcp").app(server, access), on)


def _openenv(environment: str, config: OpenEnvConfig) -> None:
    shelf = TaskCatalog(environment, config)
    asyncio.run(shelf.load())
    openenv, listen = _module("openenv"), _module("asgi")
    access = _access(config)
    on = listen.bind(config.host, config.port)
    _say(f"{_address(config.host, on)}{access.token and '/'}{access.token}")
    listen.listen(openenv.app(shelf, config, access), on)


def _access(config: ServeConfig | ToolsConfig) -> Access:
    """Who may come in; told where that is anybody."""
    token = new_token(config.token)
    if not token:
        _say("no token: whoever reaches the port may act")
    return Access(token, (config.host, *config.hosts))


def _address(host: str, on: socket.socket) -> str:
    return f"http://{name_of(host)}:{on.getsockname()[1]}"


def _module(name: str) -> Any:
    """One of the modules that need the packages of the extra."""
    try:
        return import_module(f"simenv.serve.{name}")
    except ImportError as e:
        raise ConfigError(f"serving needs {e.name}; install simenv[serve]") from e


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
