"""Runs stages of axolotl in one process, since its import takes half a minute: `python axolotl_stages.py STAGE CONFIG …`.

The Python that axolotl is installed for runs this file. It imports nothing of simenv, and simenv never imports it.
"""

import json
import os
import sys
from importlib.metadata import version
from pathlib import Path


def check(config: str) -> None:
    """Print what is wrong with a config: keys that axolotl would silently drop, and what its schema refuses."""
    import yaml
    from axolotl.cli.config import gpu_capabilities
    from axolotl.utils.config import validate_config
    from axolotl.utils.dict import DictDefault
    from axolotl.utils.schemas.config import AxolotlInputConfig
    from axolotl.utils.schemas.datasets import SFTDataset

    data = yaml.safe_load(Path(config).read_text(encoding="utf-8"))
    problems = [f"unknown key {k!r}" for k in data if k not in field_names(AxolotlInputConfig)]
    for field in ("datasets", "test_datasets"):
        for entry in data.get(field) or []:
            problems += [f"unknown key {k!r} in {field}" for k in entry if k not in field_names(SFTDataset)]
    try:
        capabilities, environment = gpu_capabilities()
        validate_config(DictDefault(data), capabilities, environment)
    except Exception as e:  # noqa: BLE001
        problems.append(f"{type(e).__name__}: {e}")
    print("simenv: checked " + json.dumps({"version": version("axolotl"), "problems": problems}), flush=True)


def field_names(model) -> set:
    """Fields of a pydantic model and their aliases."""
    return set(model.model_fields) | {f.alias for f in model.model_fields.values() if f.alias}


def preprocess(config: str) -> None:
    """Tokenize the data of a config."""
    from axolotl.cli.preprocess import do_cli

    do_cli(config)
    os.environ.pop("AXOLOTL_IS_PREPROCESS", None)


def train(config: str) -> None:
    """Train the model of a config."""
    from axolotl.cli.train import do_cli

    do_cli(config)


def merge(config: str) -> None:
    """Merge the adapter of a config into its base model."""
    from axolotl.cli.merge_lora import do_cli

    do_cli(config)


if __name__ == "__main__":
    stages = {"check": check, "preprocess": preprocess, "train": train, "merge": merge}
    words = sys.argv[1:]
    del sys.path[0]  # this file's folder, where `axolotl` would be a neighbour
    sys.argv = sys.argv[:1]  # axolotl reads them
    for stage, config in zip(words[::2], words[1::2], strict=True):
        print(f"simenv: {stage} {config}", flush=True)
        os.chdir(Path(config).parent)
        stages[stage](config)
