"""Makes a tiny model: trains a tokenizer, draws weights, runs the exercises. Its folder appears only when it is complete."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import transformers
from numpy.random import default_rng
from transformers import Lfm2Config, Lfm2ForCausalLM, PreTrainedTokenizerFast, TrainingArguments

from simenv.errors import ConfigError
from simenv.files import make_folder, whole_folder
from simenv.finetune.device import threads_for, use_gpu
from simenv.finetune.trainers import Log
from simenv.finetune.trainers.peft import ReportingCallback
from simenv.runs.store import Run
from simenv.tiny import Tiny
from simenv.tiny.exercises import Exercises, ExerciseTokens
from simenv.tiny.tokenizer import ASSISTANT, END, PAD, START, USER, train_tokenizer
from simenv.types import Trajectory

DIGITS = "0123456789"


def make(settings: Tiny, on_log: Log = lambda row: None) -> Path:
    """Make the model and return its folder `out/name`.

    ConfigError if the folder exists, the sizes do not fit, or the runs have no chats. `on_log` gets a row every few steps.
    """
    folder = Path(settings.out, settings.name)
    if folder.exists():
        raise ConfigError(f"{folder}: exists already; expected a new folder")
    if settings.width % (2 * settings.heads):
        raise ConfigError(f"width: {settings.width} is no multiple of twice heads={settings.heads}")
    chats = [t for run in settings.runs for t in islice(_chats(run), settings.chats)]
    if not chats:
        raise ConfigError("runs: no chats to learn a tokenizer from; expected run folders with trajectories")
    make_folder(folder.parent)
    tokenizer = train_tokenizer((m.content for t in chats for m in t.messages), settings.vocabulary, settings.context)
    transformers.set_seed(settings.seed)
    model = Lfm2ForCausalLM(config(settings, tokenizer))
    texts = [m.content for t in chats for m in t.messages if m.role != "assistant"]
    with whole_folder(folder) as aside:
        if settings.practice.steps:
            exercises = Exercises(exercise_tokens(tokenizer, texts), settings.practice, default_rng(settings.seed))
            _practise(model, exercises, settings, aside / "practice", on_log)
        model.save_pretrained(aside)
        tokenizer.save_pretrained(aside)
        shutil.rmtree(aside / "practice", ignore_errors=True)
    return folder


def _chats(folder: str) -> Iterator[Trajectory]:
    yield from Run.open(Path(folder)).trajectories()


def config(settings: Tiny, tokenizer: PreTrainedTokenizerFast) -> Lfm2Config:
    """An LFM2 (Liquid AI, 2025): attention between short convolutions.

    A convolution gives each token its predecessors, so one layer of attention can find a piece again; a plain transformer
    must learn two layers together.
    """
    ids = tokenizer.get_vocab()
    kinds = {"c": "conv", "a": "full_attention"}
    return Lfm2Config(
        vocab_size=len(tokenizer),
        hidden_size=settings.width,
        intermediate_size=settings.width * 8 // 3 // 16 * 16,
        block_auto_adjust_ff_dim=False,
        num_hidden_layers=len(settings.layers),
        layer_types=[kinds[kind] for kind in settings.layers],
        num_attention_heads=settings.heads,
        num_key_value_heads=settings.heads,
        max_position_embeddings=settings.context,
        initializer_range=0.04,
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=ids[END],
        pad_token_id=ids[PAD],
    )


def exercise_tokens(tokenizer: PreTrainedTokenizerFast, texts: list[str]) -> ExerciseTokens:
    """The tokens of exercises, by a tokenizer; spans come from `texts`."""
    ids = tokenizer.get_vocab()
    return ExerciseTokens(
        user=ids[USER],
        assistant=ids[ASSISTANT],
        end=ids[END],
        first_digits=[ids[START + d] for d in DIGITS if START + d in ids],
        digits=[ids[d] for d in DIGITS],
        tokens=sorted(set(ids.values()) - set(tokenizer.all_special_ids)),
        texts=[row for row in tokenizer(texts, add_special_tokens=False)["input_ids"] if row],
    )


def _practise(model: Any, exercises: Exercises, settings: Tiny, folder: Path, on_log: Log) -> None:
    practice = settings.practice
    arguments = TrainingArguments(
        output_dir=str(folder),
        max_steps=practice.steps,
        per_device_train_batch_size=1,
        learning_rate=practice.learning_rate,
        lr_scheduler_type="cosine",
        warmup_steps=max(1, practice.steps // 30),
        weight_decay=0.1,
        adam_beta2=0.98,
        save_strategy="no",
        logging_steps=max(1, practice.steps // 50),
        seed=settings.seed,
        report_to=[],
        disable_tqdm=True,
        remove_unused_columns=False,
        dataloader_pin_memory=False,
        use_cache=False,
        use_cpu=not use_gpu(settings.device),
    )
    trainer = transformers.Trainer(
        model=model,
        args=arguments,
        train_dataset=exercises,
        data_collator=lambda batch: batch[0],
        callbacks=[ReportingCallback(on_log, ("loss",))],
    )
    trainer.remove_callback(transformers.PrinterCallback)
    with threads_for(model):
        trainer.train()
