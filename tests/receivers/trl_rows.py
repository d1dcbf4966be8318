"""Run by the Python that TRL is installed for: what SFTTrainer or DPOTrainer makes of an export, as JSON lines.

`python trl_rows.py sft|dpo BASE EXPORT WORK`
"""

import json
import sys

from datasets import load_dataset
from transformers import AutoModelForCausalLM, AutoTokenizer

kind, base, export, work = sys.argv[1:]
tokenizer, model = AutoTokenizer.from_pretrained(base), AutoModelForCausalLM.from_pretrained(base)
rows = load_dataset(export, split="train", cache_dir=f"{work}/cache")
common = {"output_dir": f"{work}/out", "report_to": "none", "use_cpu": True, "bf16": False, "max_length": None}
if kind == "sft":
    from trl import SFTConfig, SFTTrainer

    trainer = SFTTrainer(model=model, args=SFTConfig(**common), train_dataset=rows, processing_class=tokenizer)
else:
    from trl import DPOConfig, DPOTrainer

    trainer = DPOTrainer(model=model, args=DPOConfig(**common), train_dataset=rows, processing_class=tokenizer)
KEPT = ("input_ids", "labels", "completion_mask")
for row in trainer.train_dataset:
    # What the loss of a pair is computed from: the tensors of a batch, first the chosen answer, then the rejected one.
    made = trainer.data_collator([row]) if kind == "dpo" else row
    rows = {k: made[k].tolist() if kind == "dpo" else list(made[k]) for k in (*KEPT, "attention_mask") if k in made}
    print("row " + json.dumps(rows))
