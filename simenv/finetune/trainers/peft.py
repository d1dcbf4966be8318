"""Trains in this process: transformers' Trainer with peft adapters or all weights, and the loss masks of `simenv.data.masks`.

Checkpoints are in the fine-tune's folder while it runs; the result is moved there whole, at the end.
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
from simenv.data.masks import IGNORED, Template
from simenv.errors import ConfigError, TrainError
from simenv.finetune.batches import Collate, Encoding, Piece, pack
from simenv.finetune.device import threads_for, use_gpu
from simenv.finetune.memory import Need, available, shown
from simenv.finetune.trainers import CHECKPOINTS, Finetune, Log, Trainer, Training
from simenv.trust import refuse_modules

SAVING = ".saving"
LOGGED = ("loss", "grad_norm", "learning_rate", "epoch", "eval_loss", "train_loss", "train_runtime")
PROBED = 64
"""Tokens of each of two samples on which packing is tested."""
NO_MEMORY = "can't allocate memory"
"""PyTorch's message for it on a CPU."""


class Peft(Trainer):
    """Trains in this process, with transformers and peft."""

    def prepare(self, settings: Finetune) -> Training:
        """Load base, template and samples; ConfigError if one cannot be used. The training continues from the folder's last
        checkpoint if there is one.
        """
        template = Template(masks.load(settings.model, settings.calls), settings.reasoning)
        data = CuratedSet(settings.data)
        # Weights of new adapters, dropout and the order of the rows depend on it.
        set_seed(settings.seed)
        model = _model(settings)
        longest = _longest(settings, model)
        encoding = Encoding.of(data.samples("train"), template, longest).require_samples(settings.data)
        self.notes = encoding.check(settings, longest)
        settings = self._fit(settings, model, encoding)
        validation = _validation(settings, data, template, longest)
        rows = _rows(settings, encoding.pieces)
        if settings.packing and not keeps_apart(model, rows):
            raise ConfigError(f"packing: {settings.model} would let packed samples see each other; set packing=false")

        def train(folder: Path, on_log: Log) -> dict[str, Any]:
            trainer = transformers.Trainer(
                model=model,
                args=_arguments(
                    settings, folder, bool(validation.pieces), _steps(settings, len(rows), encoding.trained)
                ),
                train_dataset=rows,
                eval_dataset=_rows(settings, validation.pieces) if validation.pieces else None,
                data_collator=_collate(template, settings.packing),
                callbacks=[ReportingCallback(on_log)],
            )
            trainer.remove_callback(transformers.PrinterCallback)
            with threads_for(model):
                _run(trainer, settings, folder)
            _save(trainer.model, template.tokenizer, folder)
            return encoding.figures() | {"rows": len(rows), "steps": trainer.state.global_step}

        return train

    def _fit(self, settings: Finetune, model: Any, encoding: Encoding) -> Finetune:
        """The settings with a batch size that fits where none is set; says what memory it needs and what there is."""
        packed = settings.packing
        tokens = settings.sequence_length if packed else max(len(ids) for ids, _ in encoding.pieces)
        trained = max(int((labels != IGNORED).sum()) for _, labels in encoding.pieces)
        trained = max(trained, round(tokens * encoding.trained / encoding.tokens)) if packed else trained
        need = Need.reckoned(model, tokens, trained, checkpointing=settings.checkpointing)
        there, rows = available(use_gpu(settings.device)), settings.batch_size
        if "batch_size" not in settings.model_fields_set:
            rows = need.rows(there, settings.batch_size)
            if rows < settings.batch_size:
                self.fitted = {"batch_size": rows}
                if "accumulate" not in settings.model_fields_set:
                    self.fitted = {**self.fitted, "accumulate": settings.accumulate * settings.batch_size // rows}
        settings = settings.model_copy(update=dict(self.fitted))
        chosen = f" accumulate={settings.accumulate}, chosen to fit" if self.fitted else ""
        short = f"; it may not fit: {_ways(settings)}" if need.of(rows) > there else ""
        self.notes = (
            *self.notes,
            f"memory: about {shown(need.of(rows))} needed, {shown(there)} there, with batch_size={rows}{chosen}, rows of up "
            f"to {tokens:,} tokens, {trained:,} of them under loss{short}",
        )
        return settings


def _validation(settings: Finetune, data: CuratedSet, template: Template, longest: int) -> Encoding:
    return Encoding.of(islice(data.samples("validation"), settings.validate_samples), template, longest)


def _rows(settings: Finetune, pieces: list[Piece]) -> list[list[Piece]]:
    return pack(pieces, settings.sequence_length) if settings.packing else [[piece] for piece in pieces]


def _collate(template: Template, packing: bool) -> Collate:
    tokenizer = template.tokenizer
    return Collate(tokenizer.eos_token_id if tokenizer.pad_token_id is None else tokenizer.pad_token_id, packing)


def _model(settings: Finetune) -> Any:
    on_gpu = use_gpu(settings.device)
    if settings.method == "qlora" and not on_gpu:
        raise ConfigError("method: qlora needs a GPU; take method=lora")
    usual = "bfloat16" if on_gpu and settings.method != "full" else "float32"
    dtype = usual if settings.dtype == "auto" else settings.dtype
    refuse_modules(Path(settings.model))
    try:
        model: Any = AutoModelForCausalLM.from_pretrained(
            settings.model,
            dtype=getattr(torch, dtype),
            quantization_config=_four_bits(settings, dtype),
            trust_remote_code=False,
        )
    except (OSError, ValueError, SafetensorError) as e:
        raise ConfigError(f"model: {settings.model}: no causal language model: {str(e).splitlines()[0]}") from e
    except ImportError as e:
        raise ConfigError("method: qlora needs the package bitsandbytes: pip install bitsandbytes") from e
    if "logits_to_keep" not in inspect.signature(model.forward).parameters:
        raise ConfigError(
            f"model: {settings.model}: {type(model).__name__} computes no logits at chosen positions (logits_to_keep)"
        )
    if on_gpu and settings.method != "qlora":
        model.to("cuda")
    return model if settings.method == "full" else _add_adapter(model, settings)


def _longest(settings: Finetune, model: Any) -> int:
    """Most tokens of a sample: those of a row, and no more than the model has positions."""
    positions = getattr(model.config.get_text_config(), "max_position_embeddings", None)
    return min(settings.sequence_length, positions or settings.sequence_length)


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


def _add_adapter(model: Any, settings: Finetune) -> Any:
    from peft import LoraConfig, get_peft_model, prepare_model_for_kbit_training

    lora = settings.lora
    if settings.method == "qlora":
        model = prepare_model_for_kbit_training(model, use_gradient_checkpointing=settings.checkpointing)
    elif settings.checkpointing:
        model.enable_input_require_grads()
    targets = lora.targets if isinstance(lora.targets, str) else list(lora.targets)
    options: dict[str, Any] = {"r": lora.r, "lora_alpha": lora.alpha, "lora_dropout": lora.dropout}
    try:
        return get_peft_model(model, LoraConfig(target_modules=targets, task_type="CAUSAL_LM", **options))
    except ValueError as e:
        raise ConfigError(f"lora.targets: {str(e).splitlines()[0]}") from e


def _steps(settings: Finetune, rows: int, loss_tokens: int) -> int:
    """Number of optimizer steps; `loss_tokens` are those under loss in all rows. The last step of an epoch may be smaller."""
    per_epoch = -(-rows // (settings.batch_size * settings.accumulate))
    if settings.tokens is not None:
        return max(1, round(settings.tokens / loss_tokens * per_epoch))
    return settings.steps or max(1, int(settings.epochs * per_epoch))


def _arguments(settings: Finetune, folder: Path, validate: bool, steps: int) -> TrainingArguments:
    on_gpu = use_gpu(settings.device)
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


class ReportingCallback(TrainerCallback):
    """Passes each step of a transformers Trainer and the `logged` values at it to `on_row`."""

    def __init__(self, on_row: Log, logged: tuple[str, ...] = LOGGED) -> None:
        self.on_row, self.logged = on_row, logged

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Report the step."""
        self.on_row({"step": state.global_step, "steps": state.max_steps})

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, Any] | None = None, **kwargs: Any) -> None:
        """Report the logged values of the step."""
        values = {k: v for k, v in (logs or {}).items() if k in self.logged}
        if values:
            self.on_row({"step": state.global_step, "steps": state.max_steps, **values})


def _run(trainer: transformers.Trainer, settings: Finetune, folder: Path) -> None:
    try:
        trainer.train(resume_from_checkpoint=_last(folder / CHECKPOINTS, trainer.args.max_steps))
    except (torch.OutOfMemoryError, MemoryError, RuntimeError) as e:
        if isinstance(e, RuntimeError) and not isinstance(e, torch.OutOfMemoryError) and NO_MEMORY not in str(e):
            raise
        raise TrainError(_advice(settings)) from e


def _last(checkpoints: Path, steps: int) -> str | None:
    """The last complete checkpoint (its state file is written last), or None. The checkpoint of the last step is left out,
    since transformers would do one step too many from it."""
    complete = {
        int(state.parent.name.partition("-")[2]): state.parent for state in checkpoints.glob(f"*/{TRAINER_STATE_NAME}")
    }
    earlier = [step for step in complete if step < steps]
    return str(complete[max(earlier)]) if earlier else None


def _advice(settings: Finetune) -> str:
    return (
        f"out of memory with batch_size={settings.batch_size} rows of up to {settings.sequence_length} tokens; "
        f"{_ways(settings)}"
    )


def _ways(settings: Finetune) -> str:
    """What takes less memory."""
    half = max(1, settings.batch_size // 2)
    smaller = [f"batch_size={half} accumulate={settings.accumulate * 2}"] if settings.batch_size > 1 else []
    smaller += [f"sequence_length={settings.sequence_length // 2}"]
    smaller += [] if settings.checkpointing else ["checkpointing=true"]
    smaller += ["method=lora"] if settings.method == "full" else []
    return f"try {', or '.join(smaller)}"


def _save(model: Any, tokenizer: Any, folder: Path) -> None:
    """Save into a subfolder, then move the files up, so that the folder never holds half a model."""
    aside = folder / SAVING
    shutil.rmtree(aside, ignore_errors=True)
    model.save_pretrained(str(aside))
    tokenizer.save_pretrained(str(aside))
    for file in sorted(aside.iterdir()):
        file.replace(folder / file.name)
    aside.rmdir()


@torch.inference_mode()
def keeps_apart(model: Any, rows: list[list[Piece]]) -> bool:
    """Whether the logits of the second sample in a row do not depend on the first one."""
    row = next((r for r in rows if len(r) > 1), None)
    if row is None:
        return True
    # The beginnings of two samples are enough.
    first, second = ((ids[:PROBED], labels[:PROBED]) for ids, labels in row[:2])
    other_tokens = (first[0] + 1) % model.config.get_text_config().vocab_size
    collate = Collate(pad=0, packed=True)
    model.eval()
    logits = []
    for tokens in (first[0], other_tokens.astype(np.int32)):
        batch = collate([[(tokens, first[1]), second]])
        ids, positions = batch["input_ids"].to(model.device), batch["position_ids"].to(model.device)
        # With a cache, transformers ignores packing.
        logits.append(model(input_ids=ids, position_ids=positions, use_cache=False).logits[0, len(first[0]) :])
    before, after = logits
    model.train()
    return bool(torch.allclose(before, after, atol=1e-3, rtol=1e-3))
