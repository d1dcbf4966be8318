"""The house: modules import only what is below them, nothing runs in a circle, plugins reach the contracts alone."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAP = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")


def _table(heading):
    """The names in the first column of the first table under a heading of the architecture page, in order."""
    section = MAP.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return [name.rstrip("/") for name in re.findall(r"^\| `([\w/]+)`", section, re.MULTILINE)]


ROOMS = _table("Rooms")
"""The rooms, from the lowest: each imports contracts, itself and rooms before it."""
CONTRACTS = [name for name in _table("Contracts") if name not in ("gym", "library", "testing")]
"""The flat floor, from the lowest: what authors of plugins import, and what every room stands on."""
FACES = ["gym", "library", "testing"]
"""What users import from outside: flat like the contracts, above all rooms."""
FOR_PLUGINS = {*CONTRACTS} - {
    "plugins",
    "models",
    "config",
    "runtime",
    "command",
    "plots",
    "env",
    "live_episode",
    "episode",
}
OPEN = {
    "simenv.runs.edits",
    "simenv.runs.store",
    "simenv.data.tokens",
    "simenv.verify.actions",
    "simenv.verify.judge",
    "simenv.verify.offline",
}
"""Modules of rooms that filters and agents may use: trajectories edited, read, counted and verified."""
PARTS = ("environments", "agents", "filters", "viewer")
TRANSFORMERS = {
    f"simenv/{m}.py"
    for m in ("models/clients/transformers", "models/sampling", "models/prefix_cache", "finetune/trainers/peft")
}
ONLY = {
    "gymnasium": {"simenv/gym.py"},
    "altair": {"simenv/plots.py"},
    "openai": {"simenv/models/clients/openai.py", "simenv/finetune/trainers/openai.py"},
    "anthropic": {"simenv/models/clients/anthropic.py"},
    "torch": TRANSFORMERS
    | {f"simenv/{m}.py" for m in ("finetune/device", "finetune/batches", "tiny/exercises", "rl/trl")},
    "transformers": TRANSFORMERS
    | {f"simenv/{m}.py" for m in ("data/tokenizers", "tiny/make", "tiny/tokenizer", "rl/trl")},
    "peft": {"simenv/models/clients/transformers.py", "simenv/finetune/trainers/peft.py"},
    "datasets": {"simenv/export/formats/datasets.py", "simenv/data/records.py", "simenv/rl/trl.py"},
    "trl": {"simenv/rl/trl.py"},
    "verifiers": {"simenv/package/verifiers.py"},
    "inspect_ai": {
        f"simenv/{m}.py" for m in ("package/inspect", "export/inspect_log", "data/chat_formats/inspect_log")
    },
    "pyarrow": {"simenv/documents/parquet.py"},
    "rensa": {"filters/near_duplicates.py", "simenv/knowledge/duplicates.py", "simenv/teach/duplicates.py"},
    "huggingface_hub": {"simenv/knowledge/hub.py"},
    "pypdf": {"simenv/knowledge/readers/pdf.py"},
    "docx": {"simenv/knowledge/readers/docx.py"},
    "pptx": {"simenv/knowledge/readers/pptx.py"},
    "openpyxl": {"simenv/knowledge/readers/xlsx.py"},
    "mcp": {"simenv/serve/mcp.py"},
    "uvicorn": {"simenv/serve/asgi.py"},
    "fcntl": {"simenv/files.py", "environments/os/engine/jail/linux.py"},
}


def _files():
    for part in ("simenv", *PARTS):
        for path in sorted((ROOT / part).rglob("*.py")):
            inside = path.relative_to(ROOT).with_suffix("").parts
            name = ".".join(inside if part == "simenv" else ("simenv", "plugins", *inside)).removesuffix(".__init__")
            yield name, path


MODULES = dict(_files())
PACKAGES = {name for name, path in MODULES.items() if path.name == "__init__.py"}


def _targets(name, node):
    """Absolute names that an import statement of a module refers to: modules where they are ours."""
    if isinstance(node, ast.Import):
        return [a.name for a in node.names]
    base = node.module or ""
    if node.level:
        package = name.split(".") if name in PACKAGES else name.split(".")[:-1]
        base = ".".join(filter(None, [*package[: len(package) - node.level + 1], node.module]))
    return [inner if (inner := f"{base}.{a.name}") in MODULES else base for a in node.names]


def imports(name, path=None):
    """Every import of a module, at any depth and for type checkers too."""
    found = set()
    for node in ast.walk(ast.parse((path or MODULES[name]).read_text())):
        if isinstance(node, ast.Import | ast.ImportFrom):
            found.update(_targets(name, node))
    return found - {name}


GRAPH = {name: {i for i in imports(name) if i in MODULES} for name in MODULES}


def cycles(graph):
    """Strongly connected sets of more than one module (Tarjan)."""
    number, low, stack, on, found = {}, {}, [], set(), []

    def visit(v):
        number[v] = low[v] = len(number)
        stack.append(v)
        on.add(v)
        for w in graph.get(v, ()):
            if w not in number:
                visit(w)
                low[v] = min(low[v], low[w])
            elif w in on:
                low[v] = min(low[v], number[w])
        if low[v] == number[v]:
            part = []
            while not part or part[-1] != v:
                part.append(stack.pop())
                on.discard(part[-1])
            if len(part) > 1:
                found.append(sorted(part))

    for v in graph:
        if v not in number:
            visit(v)
    return found


def floor(name):
    """Rank of a module of simenv: a contract's own, or its room's; None for the entrance (`simenv`, `simenv.__main__`)."""
    parts = name.split(".")
    if len(parts) == 1 or parts[1] == "__main__":
        return None
    return [*CONTRACTS, *ROOMS, *FACES].index(parts[1])


def test_no_module_is_in_a_circle_not_even_for_type_checkers():
    assert cycles(GRAPH) == []


@pytest.mark.parametrize("name", MODULES)
def test_every_import_of_our_own_names_a_module_that_exists(name):
    packages = {n.rsplit(".", i)[0] for n in MODULES for i in range(n.count(".") + 1)} | {"simenv"}
    for other in imports(name):
        assert not other.startswith("simenv.") or other in packages, f"{name} imports {other}, which is not there"


def test_a_circle_would_be_found():
    assert cycles({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}) == [["a", "b", "c"]]


def test_the_architecture_page_names_every_module_and_room_and_no_other():
    names = {n.split(".")[1] for n in MODULES if n.count(".") and not n.startswith("simenv.plugins.")} - {"__main__"}
    assert names == {*CONTRACTS, *ROOMS, *FACES}
    assert len(names) == len([*CONTRACTS, *ROOMS, *FACES])


def test_simenv_is_flat_contracts_and_rooms_with_packages_as_the_page_says():
    packages = {p.parent.name for p in (ROOT / "simenv").glob("*/__init__.py")}
    assert packages == {*ROOMS} | {"plugins", "dialects", "documents", "models"}


@pytest.mark.parametrize(
    "name", sorted(p.name for p in (ROOT / "environments").iterdir() if (p / "world.py").is_file())
)
def test_an_environment_has_its_contract_at_the_top_and_three_rooms_below(name):
    folder = ROOT / "environments" / name
    shape = MAP.split("environments/<name>/\n")[1].split("```")[0]
    files = set(re.findall(r"[\w.]+\.(?:py|json|md|j2)", shape)) | {"__init__.py"}
    there = {p.name for p in folder.iterdir() if p.is_file()}
    prompts = {n for n in there if n.endswith(".j2")} | {n.replace(".j2", ".json") for n in there if n.endswith(".j2")}
    assert there - files - prompts == set()
    assert {p.name for p in folder.iterdir() if p.is_dir() and p.name != "__pycache__"} <= {
        "engine",
        "tasks",
        "checking",
    }


@pytest.mark.parametrize("name", [n for n in MODULES if not n.startswith(tuple(f"simenv.plugins.{p}" for p in PARTS))])
def test_framework_modules_import_only_what_is_below_them(name):
    rank = floor(name)
    for other in GRAPH[name]:
        assert not other.startswith(tuple(f"simenv.plugins.{p}" for p in PARTS)), f"{name} imports the plugin {other}"
        if rank is not None:
            below = floor(other)
            assert below is not None or name.endswith("__main__"), f"{name} imports the entrance"
            assert below is None or below <= rank, f"{name} imports {other}, which stands above it"


@pytest.mark.parametrize("name", [n for n in MODULES if n.startswith(tuple(f"simenv.plugins.{p}" for p in PARTS))])
def test_plugins_import_the_contracts_and_their_own_folder(name):
    own = ".".join(name.split(".")[: 4 if name.startswith("simenv.plugins.environments") else 3])
    viewer = name.startswith("simenv.plugins.viewer")
    for other in imports(name):
        assert other.split(".")[0] not in PARTS, f"{name} imports {other}"
        if not (other == "simenv" or other.startswith("simenv.")) or other == own or other.startswith(f"{own}."):
            continue
        assert viewer or other in OPEN or other.split(".")[1] in FOR_PLUGINS, f"{name} imports {other}"
        assert not other.startswith(tuple(f"simenv.plugins.{p}." for p in PARTS)), f"{name} imports {other}"


@pytest.mark.parametrize("name", MODULES)
def test_heavy_packages_appear_in_one_module_each(name):
    for other in imports(name):
        allowed = ONLY.get(other.split(".")[0])
        here = str(MODULES[name].relative_to(ROOT))
        assert allowed is None or here in allowed, f"{name} imports {other}"
        assert other.split(".")[0] != "streamlit" or here.startswith("viewer/"), f"{name} imports streamlit"


def test_importing_simenv_loads_nothing_heavy_and_prints_nothing():
    code = "import sys, simenv; print(sorted(m for m in sys.modules if m in {'gymnasium','openai','torch','rich','sqlglot'}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n" and done.stderr == ""
