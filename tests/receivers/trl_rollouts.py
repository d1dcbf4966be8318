"""Run by the Python that TRL is installed for: what GRPOTrainer makes of one batch of rollouts, as one line of JSON.

`python trl_rollouts.py CONFIG.yaml`: a script stands for the model. In each group every second attempt says nothing that can
be acted on, the others play the gold solution. Everything else, the loop over tools and the loss included, is TRL's.
"""

import asyncio
import json
import sys
import tempfile
from pathlib import Path

import yaml

from simenv.rl import Reinforcement
from simenv.rl.tasks import starts
from simenv.rl.trl import grpo

HEADER, NONSENSE = "<|im_start|>assistant", "what shall I do"
config = Reinforcement.model_validate(yaml.safe_load(Path(sys.argv[1]).read_text()))
begun = asyncio.run(starts(config, config.dialect, config.limits))
trainer = grpo(config, begun, Path(tempfile.mkdtemp()))
tokenizer = trainer.processing_class
assert len({s.task.instruction for s in begun.values()}) == len(begun)
said = []


def gold(start, number):
    """What the gold solution says in a turn."""
    if number >= len(start.task.solution):
        return "done"
    reply = start.runtime.dialect.render(start.task.solution[number], number)
    calls = [{"name": c.name, "arguments": json.loads(c.arguments)} for c in reply.calls]
    return "\n".join(f"<tool_call>\n{json.dumps(c)}\n</tool_call>" for c in calls) or reply.text


def speak(prompt_ids, *_, **__):
    replies = []
    for number, ids in enumerate(prompt_ids):
        text = tokenizer.decode(ids)
        (start,) = (s for s in begun.values() if s.task.instruction in text)
        turns = text.count(HEADER) - 1
        lost = number % 2 == 1 if turns == 0 else NONSENSE in text
        reply = tokenizer(NONSENSE if lost else gold(start, turns), add_special_tokens=False)["input_ids"]
        replies.append([*reply, tokenizer.eos_token_id])
        said.append(tokenizer.decode(replies[-1]))
    return replies, None


trainer._generate_single_turn = speak
made, scored = [], trainer._generate_and_score_completions


def keep(inputs):
    made.append(scored(inputs))
    return made[-1]


trainer._generate_and_score_completions = keep
trainer.train()
(batch,) = made
rows = []
for number in range(len(batch["completion_ids"])):
    ids, mask = batch["completion_ids"][number], batch["completion_mask"][number].bool()
    under = batch["tool_mask"][number].bool() & mask
    prompt = batch["prompt_ids"][number][batch["prompt_mask"][number].bool()]
    runs, inside = [], False
    for token, loss in zip(ids[mask].tolist(), under[mask].tolist(), strict=True):
        if loss and not inside:
            runs.append([])
        inside = loss
        if loss:
            runs[-1].append(token)
    rows.append({
        "prompt": tokenizer.decode(prompt), "completion": tokenizer.decode(ids[mask]),
        "learnt": [tokenizer.decode(r) for r in runs], "advantage": batch["advantages"][number].item(),
    })  # fmt: skip
rewards = {k: v for row in trainer.state.log_history for k, v in row.items() if k.startswith("rewards/") or k == "loss"}
print(json.dumps({"rows": rows, "said": said, "rewards": rewards}))
