"""Imports point down only, heavy packages stay in their one module, plugins reach the framework's lower layers alone."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ORDER = """
    errors options types schema blame leaks character prompts world dialects source compare panel blueprint plugins metrics
    model models recipe agent hook edits filter store review masks tokens env episode hints config cast hooks command
    simulate teacher report plots rollout branch __main__ cli teach estimate where index formats records shelf gold overlap mix
    twins curated pipeline export curation intake curator curate trainers tiny finetune evaluate fidelity sweep gym serve
    testing view
""".split()  # noqa: SIM905
LOWER = set(ORDER[: ORDER.index("env")]) - {"plugins", "models"}
TRANSFORMERS = {
    f"simenv/{m}.py" for m in ("models/transformers", "models/sampling", "models/prefixes", "trainers/peft")
}
ONLY = {
    "gymnasium": {"simenv/gym.py"},
    "altair": {"simenv/plots.py"},
    "openai": {"simenv/models/openai.py", "simenv/trainers/openai.py"},
    "anthropic": {"simenv/models/anthropic.py"},
    "torch": TRANSFORMERS | {f"simenv/{m}.py" for m in ("trainers/device", "trainers/rows", "tiny/exercises")},
    "transformers": TRANSFORMERS | {"simenv/masks.py", "simenv/tiny/make.py", "simenv/tiny/tokenizer.py"},
    "peft": {"simenv/models/transformers.py", "simenv/trainers/peft.py"},
    "datasets": {"simenv/export/hub.py", "simenv/records.py"},
    "pyarrow": {"simenv/records.py"},
    "rensa": {"filters/near_duplicates.py", "simenv/teach/novelty.py"},
    "mcp": {"simenv/serve/mcp.py"},
    "uvicorn": {"simenv/serve/listen.py"},
    "streamlit": {"viewer/app.py"},
    "fcntl": {"simenv/store.py"},
}


def imports(path):
    """Modules imported when the file is imported: module level, outside `if TYPE_CHECKING` and `if __name__ == …`."""
    body = [n for n in ast.parse(path.read_text()).body if not isinstance(n, ast.If)]
    for node in (x for top in body if isinstance(top, ast.Import | ast.ImportFrom) for x in [top]):
        if isinstance(node, ast.Import):
            yield from (a.name for a in node.names)
        elif node.level == 0:
            base = node.module
            yield from (f"simenv.{a.name}" for a in node.names) if base == "simenv" else [base]


def every_import(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (a.name for a in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module


FRAMEWORK = sorted((ROOT / "simenv").rglob("*.py"))
PLUGINS = [p for d in ("environments", "agents", "filters") for p in sorted((ROOT / d).rglob("*.py"))]


@pytest.mark.parametrize("path", FRAMEWORK, ids=lambda p: str(p.relative_to(ROOT)))
def test_framework_modules_import_only_what_is_below_them(path):
    inside = path.relative_to(ROOT / "simenv").with_suffix("").parts
    if inside == ("__init__",):
        assert not list(imports(path)) or list(imports(path)) == ["__future__"]
        return
    rank = ORDER.index(inside[0])
    for name in imports(path):
        if name.startswith("simenv."):
            other = name.split(".")[1]
            assert ORDER.index(other) < rank or (other == inside[0] and len(inside) > 1), f"{path.name} imports {name}"


@pytest.mark.parametrize("path", PLUGINS, ids=lambda p: str(p.relative_to(ROOT)))
def test_plugins_import_only_the_lower_layers_and_their_own_folder(path):
    for name in every_import(path):
        if name == "simenv" or name.startswith("simenv."):
            assert name != "simenv" and name.split(".")[1] in LOWER, f"{path} imports {name}"
        assert name.split(".")[0] not in {"environments", "agents", "filters", "viewer"}


@pytest.mark.parametrize("path", FRAMEWORK + PLUGINS, ids=lambda p: str(p.relative_to(ROOT)))
def test_heavy_packages_appear_in_one_module_each(path):
    for name in every_import(path):
        allowed = ONLY.get(name.split(".")[0])
        assert allowed is None or str(path.relative_to(ROOT)) in allowed, f"{path} imports {name}"


def test_importing_simenv_loads_nothing_heavy_and_prints_nothing():
    code = "import sys, simenv; print(sorted(m for m in sys.modules if m in {'gymnasium','openai','torch','rich','sqlglot'}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n" and done.stderr == ""
