"""axolotl: the YAML of a recipe, the Python it is installed for, and its own validation of a YAML.

axolotl pins versions that conflict with other packages, so it is installed in an environment of its own and run as a process.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import yaml

from simenv.data.masks import Template
from simenv.documents import yaml_file
from simenv.errors import ConfigError, TrainError
from simenv.recipe import Recipe

VERSION = "0.19.0"
INSTALL = (
    f"python3 -m venv ~/.cache/simenv/axolotl-{VERSION} && ~/.cache/simenv/axolotl-{VERSION}/bin/pip install torch && "
    f"~/.cache/simenv/axolotl-{VERSION}/bin/pip install axolotl=={VERSION}"
)
STAGES = Path(__file__).with_name("axolotl_stages.py")
QUIET = {"AXOLOTL_DO_NOT_TRACK": "1", "DO_NOT_TRACK": "1", "WANDB_MODE": "disabled", "PYTHONUNBUFFERED": "1"}
"""Environment variables that keep a run from sending anything to anyone."""
VERDICT = "simenv: checked "
FILES = {"train": "train.jsonl", "validation": "validation.jsonl"}


def _chat_template(template: Template, calls: str) -> dict[str, str]:
    if calls == "template":
        return {"chat_template": "tokenizer_default"}
    return {"chat_template": "jinja", "chat_template_jinja": template.tokenizer.chat_template}


def yaml_text(recipe: Recipe, model: str, template: Template, validation: bool, output: str = "./model") -> str:
    """A complete config. Paths of data and output are relative to its folder, in which axolotl is run.

    ConfigError where the recipe needs a GPU and is for a CPU.
    """
    base = str(Path(model).resolve()) if Path(model).is_dir() else model
    config: dict[str, Any] = {
        "base_model": base,
        **_chat_template(template, recipe.calls),
        "datasets": [_dataset("train")],
        # Without them the end of a turn that is not the end of all text would never be learned.
        "eot_tokens": [template.end],
        "val_set_size": 0,
        "dataset_prepared_path": "./prepared",
        "output_dir": output,
        "sequence_len": recipe.sequence_length,
        "excess_length_strategy": "drop",
        "sample_packing": recipe.packing,
        "eval_sample_packing": False,
        "pad_to_sequence_len": recipe.packing,
        **_method(recipe),
        **({"max_steps": recipe.steps} if recipe.steps else {"num_epochs": recipe.epochs}),
        "micro_batch_size": recipe.batch_size,
        "gradient_accumulation_steps": recipe.accumulate,
        "gradient_checkpointing": recipe.checkpointing,
        "learning_rate": recipe.learning_rate,
        "lr_scheduler": recipe.schedule if recipe.schedule != "constant" else "constant_with_warmup",
        "warmup_ratio": recipe.warmup,
        "weight_decay": recipe.weight_decay,
        "logging_steps": recipe.log_every,
        "save_steps": recipe.save_every,
        "save_total_limit": 2,
        "auto_resume_from_checkpoints": True,
        "seed": recipe.seed,
        **_device(recipe),
    }
    if validation:
        config["test_datasets"] = [_dataset("validation")]
    return yaml.safe_dump(config | recipe.axolotl.options, sort_keys=False, allow_unicode=True)


def _dataset(split: str) -> dict[str, Any]:
    return {
        "path": f"./{FILES[split]}",
        "ds_type": "json",
        "split": "train",
        "type": "chat_template",
        "field_messages": "messages",
        "field_tools": "tools",
        "message_property_mappings": {k: k for k in ("role", "content", "tool_calls", "tool_call_id")},
        "message_field_training": "train",
        # Each message says itself whether it is trained.
        "roles_to_train": [],
        "train_on_eos": "turn",
    }


def _method(recipe: Recipe) -> dict[str, Any]:
    if recipe.method == "full":
        return {}
    lora = recipe.lora
    targets = {"lora_target_linear": True} if lora.targets == "all-linear" else {"lora_target_modules": lora.targets}
    return {
        "adapter": recipe.method,
        **({"load_in_4bit": True} if recipe.method == "qlora" else {}),
        "lora_r": lora.r,
        "lora_alpha": int(lora.alpha),
        "lora_dropout": lora.dropout,
        **{k: v if isinstance(v, bool | str) else list(v) for k, v in targets.items()},
    }


def gpu(recipe: Recipe) -> bool:
    """Whether a recipe is for a GPU; `auto` looks for an NVIDIA driver here."""
    return recipe.device == "cuda" or (recipe.device == "auto" and Path("/dev/nvidiactl").exists())


def _device(recipe: Recipe) -> dict[str, Any]:
    if gpu(recipe):
        half = recipe.dtype in ("auto", "bfloat16")
        attention = "flash_attention_2" if recipe.packing else "sdpa"
        kind = {"bf16": half, "fp16": recipe.dtype == "float16", "tf32": True, "attn_implementation": attention}
        return kind | {"optimizer": "adamw_torch_fused"}
    if recipe.packing or recipe.method == "qlora":
        option = "packing" if recipe.packing else "method: qlora"
        raise ConfigError(f"{option}: axolotl needs a GPU for it; set device=cuda if the YAML is for another machine")
    kernels = {f"lora_{part}_kernel": False for part in ("mlp", "qkv", "o")} if recipe.method != "full" else {}
    return kernels | {
        "bf16": False,
        "fp16": False,
        "tf32": False,
        "attn_implementation": "sdpa",
        "optimizer": "adamw_torch",
    }


def find(python: Path | None = None) -> Path | None:
    """The Python that axolotl is installed for: `python`, this one, or the one in simenv's cache (SIMENV_CACHE); None: none."""
    if python is not None:
        return python
    if find_spec("axolotl"):
        return Path(sys.executable)
    cache = Path(os.environ.get("SIMENV_CACHE", "~/.cache/simenv")).expanduser()
    candidate = cache / f"axolotl-{VERSION}" / "bin" / "python"
    return candidate if any(candidate.parents[1].glob("lib/python*/site-packages/axolotl")) else None


def required(python: Path | None = None) -> Path:
    """`find`, or a ConfigError with the command that installs axolotl."""
    path = find(python)
    if path is None or not path.exists():
        at = f"axolotl.python: {path} does not exist; " if path else ""
        raise ConfigError(f"{at}trainer axolotl needs axolotl {VERSION} in an environment of its own: {INSTALL}")
    return path


def run(python: Path, stages: list[tuple[str, Path]]) -> Iterator[str]:
    """Run stages (check, preprocess, train, merge) on configs in one process; yields its log line by line.

    TrainError, with the last lines of the log, if its exit status is not 0.
    """
    words = [w for stage, config in stages for w in (stage, str(config.resolve()))]
    command = [str(python.absolute()), str(STAGES), *words]
    local = {"HF_HUB_OFFLINE": "1"} if all(_local(config) for _, config in stages) else {}
    last: list[str] = []
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env=os.environ | QUIET | local,
        cwd=stages[0][1].parent,
    ) as process:
        assert process.stdout is not None
        try:
            for line in process.stdout:
                last = [*last[-19:], line.rstrip()]
                yield line.rstrip()
        except BaseException:
            process.kill()
            raise
    if process.returncode:
        end = "\n".join(line for line in last if line)
        raise TrainError(f"axolotl exited with status {process.returncode} ({' '.join(words[::2])}); it said:\n{end}")


def _local(config: Path) -> bool:
    base = yaml_file(config).get("base_model", "")
    return Path(str(base)).is_dir()


def check(config: Path, python: Path | None = None) -> str:
    """Validate a YAML by axolotl's own schema; returns a line for people. ConfigError where axolotl does not accept it."""
    path = find(python)
    if path is None:
        return f"axolotl is not installed: the YAML was not checked; {INSTALL}"
    log: list[str] = []
    try:
        log.extend(run(path, [("check", config)]))
    except TrainError as e:
        raise ConfigError(f"axolotl: {e}") from e
    verdict: dict[str, Any] = next((json.loads(line[len(VERDICT) :]) for line in log if line.startswith(VERDICT)), {})
    if problems := verdict.get("problems"):
        raise ConfigError(f"axolotl does not accept the YAML: {'; '.join(problems)}")
    return f"axolotl {verdict.get('version')} accepts the YAML"
