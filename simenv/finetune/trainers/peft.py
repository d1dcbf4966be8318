"""The embedded trainer: transformers' Trainer over peft adapters (or every weight), on the masks of `simenv.data.masks`.

Checkpoints lie in the fine-tune's folder while it runs; what is trained comes into the folder whole, at the end.
"""

from __future__ import annotations

import inspect
import shutil
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
import transformers
from safetensors import SafetensorError
from transformers import AutoModelForCausalLM, TrainerCallback, TrainingArguments, set_seed
from transformers.trainer import TRAINER_STATE_NAME

from simenv.data import masks
from simenv.data.dataset import CuratedSet
from simenv.data.masks import Template
from simenv.errors import ConfigError, TrainError
from simenv.finetune.batches import Collate, Encoding, Piece, pack
from simenv.finetune.device import gpu
from simenv.finetune.trainers import CHECKPOINTS, Finetune, Log, Trainer, Training

SAVING = ".saving"
KEPT = ("loss", "grad_norm", "learning_rate", "epoch", "eval_loss", "train_loss", "train_runtime")
SEEN = 64
"""Tokens of each of two samples on which packing is tried out."""
NO_MEMORY = "can't allocate memory"
"""How PyTorch says so on a CPU."""


class Peft(Trainer):
    """Trains here, with transformers and peft."""

    def prepare(self, settings: Finetune) -> Training:
        """All that can be wrong is found here: the base, its template, the samples. Returns what trains into a folder.

        It goes on from the folder's last checkpoint if there is one, and gives figures for the model card.
        """
        template = Template(masks.load(settings.model))
        data = CuratedSet(settings.data)
        # Weights of new adapters, dropout and the order of the rows all come from this.
        set_seed(settings.seed)
        model = _model(settings)
        longest = _longest(settings, model)
        encoding = Encoding.of(data.samples("train"), template, longest).required(settings.data)
        held = _held_out(settings, data, template, longest)
        rows = _rows(settings, encoding.pieces)
        if settings.packing and not keeps_apart(model, rows):
            raise ConfigError(f"packing: {settings.model} would let packed samples see each other; set packing=false")

        def train(folder: Path, on_log: Log) -> dict[str, Any]:
            trainer = transformers.Trainer(
                model=model,
                args=_arguments(settings, folder, bool(held.pieces), _steps(settings, len(rows), encoding.trained)),
                train_dataset=rows,
                eval_dataset=_rows(settings, held.pieces) if held.pieces else None,
                data_collator=_collate(template, settings.packing),
                callbacks=[Reports(on_log)],
            )
            trainer.remove_callback(transformers.PrinterCallback)
            _run(trainer, settings, folder)
            _save(trainer.model, template.tokenizer, folder)
            return encoding.figures() | {"rows": len(rows), "steps": trainer.state.global_step}

        return train


def _held_out(settings: Finetune, data: CuratedSet, template: Template, longest: int) -> Encoding:
    return Encoding.of(islice(data.samples("validation"), settings.validate_samples), template, longest)


def _rows(settings: Finetune, pieces: list[Piece]) -> list[list[Piece]]:
    return pack(pieces, settings.sequence_length) if settings.packing else [[piece] for piece in pieces]


def _collate(template: Template, packed: bool) -> Collate:
    tokenizer = template.tokenizer
    return Collate(tokenizer.eos_token_id if tokenizer.pad_token_id is None else tokenizer.pad_token_id, packed)


def _model(settings: Finetune) -> Any:
    on_gpu = gpu(settings.device)
    if settings.method == "qlora" and not on_gpu:
        raise ConfigError("method: qlora needs a GPU; take method=lora")
    usual = "bfloat16" if on_gpu and settings.method != "full" else "float32"
    dtype = usual if settings.dtype == "auto" else settings.dtype
    try:
        model = AutoModelForCausalLM.from_pretrained(
            settings.model, dtype=getattr(torch, dtype), quantization_config=_four_bits(settings, dtype)
        )
    except (OSError, ValueError, SafetensorError) as e:
        raise ConfigError(f"model: {settings.model}: no causal language model: {str(e).splitlines()[0]}") from e
    except ImportError as e:
        raise ConfigError("method: qlora needs the package bitsandbytes: pip install bitsandbytes") from e
    if "logits_to_keep" not in inspect.signature(model.forward).parameters:
        raise ConfigError(
            f"model: {settings.model}: {type(model).__name__} gives logits at every place only, which no model for chats does"
        )
    if on_gpu and settings.method != "qlora":
        model.to("cuda")
    return model if settings.method == "full" else _adapted(model, settings)


def _longest(settings: Finetune, model: Any) -> int:
    """Tokens of a sample at most: those of a row, and no more than the model has places for."""
    places = getattr(model.config.get_text_config(), "max_position_embeddings", None)
    return min(settings.sequence_length, places or settings.sequence_length)


def _four_bits(settings: Finetune, dtype: str) -> Any:
    """QLoRA's base: 4-bit NormalFloat, doubly quantised (Dettmers et al., arXiv 2305.14314, section 3)."""
    if settings.method != "qlora":
        return None
    return transformers.BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=getattr(torch, dtype),
    )


def _adapted(model: Any, settings: Finetune) -> Any:
    from peft import LoraConfig, get_peft_model, prepare_model_for_kbit_training

    lora = settings.lora
    if settings.method == "qlora":
        model = prepare_model_for_kbit_training(model, use_gradient_checkpointing=settings.checkpointing)
    elif settings.checkpointing:
        model.enable_input_require_grads()
    targets = lora.targets if isinstance(lora.targets, str) else list(lora.targets)
    config = LoraConfig(
        r=lora.r, lora_alpha=lora.alpha, lora_dropout=lora.dropout, target_modules=targets, task_type="CAUSAL_LM"
    )
    try:
        return get_peft_model(model, config)
    except ValueError as e:
        raise ConfigError(f"lora.targets: {str(e).splitlines()[0]}") from e


def _steps(settings: Finetune, rows: int, trained: int) -> int:
    """Optimizer steps; `trained` is the number of tokens under loss in all rows. An epoch's last step may be a small one."""
    per_epoch = -(-rows // (settings.batch_size * settings.accumulate))
    if settings.tokens is not None:
        return max(1, round(settings.tokens / trained * per_epoch))
    return settings.steps or max(1, int(settings.epochs * per_epoch))


def _arguments(settings: Finetune, folder: Path, validate: bool, steps: int) -> TrainingArguments:
    on_gpu = gpu(settings.device)
    return TrainingArguments(
        output_dir=str(folder / CHECKPOINTS),
        max_steps=steps,
        learning_rate=settings.learning_rate,
        lr_scheduler_type=settings.schedule,
        warmup_steps=int(settings.warmup * steps),
        weight_decay=settings.weight_decay,
        per_device_train_batch_size=settings.batch_size,
        per_device_eval_batch_size=settings.batch_size,
        gradient_accumulation_steps=settings.accumulate,
        activation_checkpointing=settings.checkpointing,
        use_cache=False,
        bf16=on_gpu and settings.dtype in ("auto", "bfloat16"),
        fp16=on_gpu and settings.dtype == "float16",
        use_cpu=not on_gpu,
        eval_strategy="epoch" if validate else "no",
        save_strategy="steps",
        save_steps=settings.save_every,
        save_total_limit=2,
        logging_steps=settings.log_every,
        logging_first_step=True,
        seed=settings.seed,
        remove_unused_columns=False,
        dataloader_pin_memory=on_gpu,
        label_names=["labels"],
        report_to=[],
        disable_tqdm=True,
    )


class Reports(TrainerCallback):
    """Passes on each step, and what the Trainer logs at it."""

    def __init__(self, tell: Log, kept: tuple[str, ...] = KEPT) -> None:
        self.tell, self.kept = tell, kept

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self.tell({"step": state.global_step, "steps": state.max_steps})

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, Any] | None = None, **kwargs: Any) -> None:
        kept = {k: v for k, v in (logs or {}).items() if k in self.kept}
        if kept:
            self.tell({"step": state.global_step, "steps": state.max_steps, **kept})


def _run(trainer: transformers.Trainer, settings: Finetune, folder: Path) -> None:
    try:
        trainer.train(resume_from_checkpoint=_last(folder / CHECKPOINTS, trainer.args.max_steps))
    except (torch.OutOfMemoryError, MemoryError, RuntimeError) as e:
        if isinstance(e, RuntimeError) and not isinstance(e, torch.OutOfMemoryError) and NO_MEMORY not in str(e):
            raise
        raise TrainError(_advice(settings)) from e


def _last(checkpoints: Path, steps: int) -> str | None:
    """The last checkpoint that is whole: its state is what is written last. Not that of the last step, from which transformers
    would do one too many."""
    whole = {
        int(state.parent.name.partition("-")[2]): state.parent for state in checkpoints.glob(f"*/{TRAINER_STATE_NAME}")
    }
    left = [step for step in whole if step < steps]
    return str(whole[max(left)]) if left else None


def _advice(settings: Finetune) -> str:
    half = max(1, settings.batch_size // 2)
    smaller = [f"batch_size={half} accumulate={settings.accumulate * 2}"] if settings.batch_size > 1 else []
    smaller += [f"sequence_length={settings.sequence_length // 2}"]
    smaller += [] if settings.checkpointing else ["checkpointing=true"]
    smaller += ["method=lora"] if settings.method == "full" else []
    return (
        f"out of memory with batch_size={settings.batch_size} rows of up to {settings.sequence_length} tokens; try "
        f"{', or '.join(smaller)}"
    )


def _save(model: Any, tokenizer: Any, folder: Path) -> None:
    """Written aside, then moved up: a folder never holds half a model."""
    aside = folder / SAVING
    shutil.rmtree(aside, ignore_errors=True)
    model.save_pretrained(str(aside))
    tokenizer.save_pretrained(str(aside))
    for file in sorted(aside.iterdir()):
        file.replace(folder / file.name)
    aside.rmdir()


@torch.inference_mode()
def keeps_apart(model: Any, rows: list[list[Piece]]) -> bool:
    """Whether a model answers for the second sample of a row as it would if the first were another."""
    row = next((r for r in rows if len(r) > 1), None)
    if row is None:
        return True
    # The beginnings of two samples will do.
    first, second = ((ids[:SEEN], labels[:SEEN]) for ids, labels in row[:2])
    others = (first[0] + 1) % model.config.get_text_config().vocab_size
    collate = Collate(pad=0, packed=True)
    model.eval()
    answers = []
    for tokens in (first[0], others.astype(np.int32)):
        batch = collate([[(tokens, first[1]), second]])
        ids, positions = batch["input_ids"].to(model.device), batch["position_ids"].to(model.device)
        # With a cache, transformers does not look for packed samples.
        answers.append(model(input_ids=ids, position_ids=positions, use_cache=False).logits[0, len(first[0]) :])
    one, other = answers
    model.train()
    return bool(torch.allclose(one, other, atol=1e-3, rtol=1e-3))
