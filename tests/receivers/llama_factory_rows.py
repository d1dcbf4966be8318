"""Run by the Python that LLaMA-Factory is installed for: what its loader makes of a ShareGPT export, as JSON lines.

`python llama_factory_rows.py BASE EXPORT WORK`
"""

import json
import sys
from importlib.machinery import ModuleSpec
from importlib.util import module_from_spec
from pathlib import Path

try:
    import torchaudio  # noqa: F401
except OSError:  # a build for CUDA beside a torch without; LLaMA-Factory wants it for sounds alone
    sys.modules["torchaudio"] = module_from_spec(ModuleSpec("torchaudio", None))

from llamafactory.data import get_dataset, get_template_and_fix_tokenizer
from llamafactory.hparams import get_train_args
from llamafactory.model import load_tokenizer

base, export, work = sys.argv[1:]
described = {
    "file_name": str(Path(export, "train.jsonl").resolve()),
    "formatting": "sharegpt",
    "columns": {"messages": "conversations", "tools": "tools"},
    "tags": {
        "role_tag": "from", "content_tag": "value", "user_tag": "human", "assistant_tag": "gpt",
        "observation_tag": "observation", "function_tag": "function_call", "system_tag": "system",
    },
}  # fmt: skip
Path(work, "dataset_info.json").write_text(json.dumps({"exported": described}))
arguments = {
    "model_name_or_path": base, "template": "qwen", "dataset": "exported", "dataset_dir": work, "stage": "sft",
    "do_train": True, "finetuning_type": "lora", "output_dir": f"{work}/out", "cutoff_len": 100000,
    "report_to": "none", "use_cpu": True, "cache_dir": f"{work}/cache", "overwrite_cache": True,
}  # fmt: skip
model, data, training, _, _ = get_train_args(arguments)
loaded = load_tokenizer(model)
template = get_template_and_fix_tokenizer(loaded["tokenizer"], data)
for row in get_dataset(template, model, data, training, stage="sft", **loaded)["train_dataset"]:
    print("row " + json.dumps({k: list(row[k]) for k in ("input_ids", "labels")}))
