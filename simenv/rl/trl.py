"""TRL's GRPO in simenv's worlds: `TextRollouts` is a `rollout_func`, `tool_environments` makes an `environment_factory`.

With text, an episode is played here, turn by turn, and TRL's model only writes: what the world says is in `completion_ids`
and 0 in `env_mask`, so no loss falls on it. With tools, TRL plays: an instance is one attempt's world, its methods are the
world's actions. In both, attempts at one task begin in equal worlds, each has a world of its own, and success, progress and
format are separate reward functions; an attempt whose world fails has none of them, and TRL leaves it out.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from transformers import AutoModelForCausalLM, AutoTokenizer
from trl import GRPOConfig, GRPOTrainer

from simenv.config import written
from simenv.env import Env
from simenv.errors import ConfigError, InvalidAction, SimenvError
from simenv.files import make_folder
from simenv.rl import Reinforcement
from simenv.rl.tasks import Start, starts
from simenv.types import Action, Grade, Message, Stop, Turn
from simenv.world import ActionSpec

log = logging.getLogger(__name__)
_TYPES = {"string": str, "integer": int, "number": float, "boolean": bool, "array": list, "object": dict}
LOG = "log.jsonl"
"""The rows that TRL logs, in the folder of a training."""


def train(config: Reinforcement) -> Path:
    """Train, and return the folder of the trained model, `out/name`, with the log of TRL's rewards.

    ConfigError for what cannot be used, before anything is written.
    """
    folder = Path(config.out, config.name)
    if folder.exists():
        raise ConfigError(f"{folder}: exists already; give another name")
    begun = asyncio.run(starts(config, config.dialect, config.limits))
    trainer = grpo(config, begun, folder)
    make_folder(folder)
    (folder / "rl.yaml").write_text(written(config), encoding="utf-8")
    trainer.train()
    trainer.save_model(str(folder))
    rows = "".join(json.dumps(row) + "\n" for row in trainer.state.log_history)
    (folder / LOG).write_text(rows, encoding="utf-8")
    return folder


def grpo(config: Reinforcement, begun: Mapping[str, Start], folder: Path) -> GRPOTrainer:
    """TRL's trainer, with the adapter that the dialect calls for."""
    torch.manual_seed(config.seed)
    tokenizer = AutoTokenizer.from_pretrained(config.base)
    model = AutoModelForCausalLM.from_pretrained(config.base, dtype=torch.float32)
    with_tools = any(s.runtime.dialect.tools for s in begun.values())
    turns = max(config.limits.max_turns or s.runtime.environment.world.max_turns for s in begun.values())
    weights = config.rewards
    settings: dict[str, Any] = {
        "output_dir": str(folder), "seed": config.seed, "max_steps": config.steps, "num_generations": config.group,
        "per_device_train_batch_size": config.group * config.groups, "learning_rate": config.learning_rate,
        "temperature": config.temperature, "max_completion_length": config.tokens, "max_tool_calling_iterations": turns,
        "reward_weights": [weights.success, weights.progress, weights.format], "use_cpu": config.device == "cpu",
        "bf16": False, "logging_steps": 1, "save_strategy": "no", "report_to": "none", "disable_tqdm": True,
    }  # fmt: skip
    adapter: dict[str, Any]
    if with_tools:
        adapter = {"environment_factory": tool_environments(begun), "reward_funcs": [*TOOL_REWARDS]}
    else:
        adapter = {"rollout_func": TextRollouts(begun, config.context), "reward_funcs": [*TEXT_REWARDS]}
    return GRPOTrainer(
        model=model,
        args=GRPOConfig(**(settings | config.trainer)),
        train_dataset=rows(begun, with_tools),
        processing_class=tokenizer,
        **adapter,
    )


def rows(begun: Mapping[str, Start], with_tools: bool) -> Dataset:
    """A row a task: the chat that opens it. The task's id is in its last message, or, for tools, in a column."""
    found = []
    for id, start in begun.items():
        prompt = [{"role": m.role, "content": m.content} for m in start.opening]
        if with_tools:
            found.append({"prompt": prompt, "task": id, "environment": start.task.environment})
        else:
            found.append({"prompt": [*prompt[:-1], {**prompt[-1], "task": id}]})
    return Dataset.from_list(found)


# Text: an episode is played here.


class TextRollouts:
    """A `rollout_func`: the episodes of a batch go on together, a turn of each at a time."""

    def __init__(self, begun: Mapping[str, Start], context: int | None = None) -> None:
        self.begun, self.context = begun, context

    def __call__(self, prompts: Sequence[Any], trainer: GRPOTrainer) -> dict[str, Any]:
        """Prompts as `rows` wrote them, already repeated as often as there are attempts."""
        return asyncio.run(self._play(prompts, trainer))

    async def _play(self, prompts: Sequence[Any], trainer: GRPOTrainer) -> dict[str, Any]:
        begun = [self.begun[prompt[-1]["task"]] for prompt in prompts]
        context = self.context or getattr(trainer.model.config, "max_position_embeddings", None)
        attempts = [Attempt(start, trainer, context) for start in begun]
        try:
            await asyncio.gather(*(a.begin() for a in attempts))
            while live := [a for a in attempts if a.goes_on]:
                ids, _ = trainer._generate_single_turn([a.prompt + a.completion for a in live], None, {}, 1)
                await asyncio.gather(*(a.hear(list(i)) for a, i in zip(live, ids, strict=True)))
            await asyncio.gather(*(a.judge() for a in attempts))
        finally:
            await asyncio.gather(*(a.env.close() for a in attempts))
        return {
            "prompt_ids": [a.prompt for a in attempts],
            "completion_ids": [a.completion for a in attempts],
            "env_mask": [a.mask for a in attempts],
            "logprobs": None,
            "success": [None if a.grade is None else float(a.grade.success) for a in attempts],
            "progress": [None if a.grade is None else a.grade.progress for a in attempts],
            "format": [None if a.grade is None else a.valid for a in attempts],
        }


class Attempt:
    """One episode as tokens: `completion` holds the model's and the world's, `mask` is 1 for the model's."""

    def __init__(self, start: Start, trainer: GRPOTrainer, context: int | None) -> None:
        self.start, self.env = start, start.env()
        self.tokenizer, self.ends = trainer.processing_class, set(trainer.eos_token_ids)
        self.room = context and context - trainer.max_completion_length
        self.prompt: list[int] = []
        self.completion: list[int] = []
        self.mask: list[int] = []
        self.grade: Grade | None = None
        self.failed = ""

    @property
    def goes_on(self) -> bool:
        return self.env.stop is None and not self.failed

    async def begin(self) -> None:
        view = await self.env.reset(self.start.task, self.start.seed)
        self.prompt = _ids(self.tokenizer, _text(self.tokenizer, view.messages))
        if self.room is not None and len(self.prompt) > self.room:
            raise ConfigError(
                f"{self.start.task.id}: its opening has {len(self.prompt)} tokens; there is room for {self.room}"
            )

    async def hear(self, ids: list[int]) -> None:
        """A turn of the model, and what the world says to it."""
        before, finish = len(self.env.messages), "stop" if ids and ids[-1] in self.ends else "length"
        self._add(ids, 1)
        turn = Turn(text=self.tokenizer.decode(ids, skip_special_tokens=True), finish=finish)
        try:
            await self.env.step(turn, self.env.view())
        except SimenvError as e:
            log.warning("%s: %s: %s", self.start.task.id, type(e).__name__, e)
            self.failed = str(e)
            return
        if self.env.stop is not None:
            return
        said = between(self.tokenizer, self.env.messages[before + 1 :], finish == "stop")
        if self.room is not None and len(self.prompt) + len(self.completion) + len(said) > self.room:
            self.env.stop = Stop.context_limit
        else:
            self._add(said, 0)

    def _add(self, ids: Sequence[int], under_loss: int) -> None:
        self.completion += ids
        self.mask += [under_loss] * len(ids)

    async def judge(self) -> None:
        try:
            self.grade = None if self.failed else await self.env.grade()
        except SimenvError as e:
            log.warning("%s: %s: %s", self.start.task.id, type(e).__name__, e)

    @property
    def valid(self) -> float:
        """The share of actions that could be carried out."""
        return _share([not s.observation.invalid for s in self.env.steps])


def between(tokenizer: Any, messages: Sequence[Message], ended: bool) -> list[int]:
    """The tokens from the end of an assistant's turn to the start of the next: these messages, as the template writes them.

    `ended`: the turn closed itself; else its end comes first. ConfigError for a template that writes the past anew.
    """
    talk = [Message(role="user", content="a"), Message(role="assistant", content="b")]
    before, after = _text(tokenizer, talk, False), _text(tokenizer, [*talk, *messages])
    end = before.rfind(tokenizer.eos_token) if tokenizer.eos_token else -1
    cut = len(before) if end < 0 else end + (len(tokenizer.eos_token) if ended else 0)
    if after[:cut] != before[:cut]:
        raise ConfigError(
            "the chat template writes earlier turns anew when the chat goes on; expected one that only adds"
        )
    return _ids(tokenizer, after[cut:])


def _text(tokenizer: Any, messages: Sequence[Message], opens: bool = True) -> str:
    chat = [{"role": m.role, "content": m.content} for m in messages]
    return str(tokenizer.apply_chat_template(chat, tokenize=False, add_generation_prompt=opens))


def _ids(tokenizer: Any, text: str) -> list[int]:
    return list(tokenizer(text, add_special_tokens=False)["input_ids"])


def _share(hits: Sequence[bool]) -> float:
    return sum(hits) / len(hits) if hits else 0.0


def _column(name: str) -> Any:
    """A reward function that is a column of the rollouts; TRL names it after itself."""

    def reward(**columns: Any) -> list[float | None]:
        return list(columns[name])

    reward.__name__ = name
    return reward


TEXT_REWARDS = tuple(map(_column, ("success", "progress", "format")))
"""The reward functions of `TextRollouts`."""


# Tools: TRL plays.


class ToolWorld:
    """One attempt's world for TRL: `reset` begins it, the methods of its subclass are tools."""

    _begun: Mapping[str, Start]

    def __init__(self) -> None:
        self._env: Env | None = None
        self._judged: Grade | None = None
        self._valid: list[bool] = []

    def reset(self, task: str, **_: Any) -> None:
        """A new world for the task; the one before is closed."""
        if self._env is not None:
            asyncio.run(self._env.close())
        start = self._begun[task]
        self._env, self._judged, self._valid = start.env(), None, []
        asyncio.run(self._env.reset(start.task, start.seed))

    def _act(self, name: str, arguments: dict[str, Any]) -> str:
        """What an action leads to. InvalidAction, which TRL tells the model, for what cannot be done."""
        assert self._env is not None
        if self._env.stop is not None:
            raise InvalidAction("the episode is over")
        seen = asyncio.run(self._env.world.step(Action(name=name, arguments=arguments)))
        self._valid.append(not seen.invalid)
        self._env.stop, self._env.answer = seen.stop, seen.answer
        if seen.invalid:
            raise InvalidAction(seen.text)
        return seen.text or "the episode is over"

    async def _grade(self) -> Grade | None:
        """The judgement at the end; None where the world fails."""
        if self._judged is None and self._env is not None:
            try:
                self._judged = await self._env.grade()
            except SimenvError as e:
                log.warning("%s: %s", type(e).__name__, e)
        return self._judged


def tool_environments(begun: Mapping[str, Start]) -> dict[str, type[ToolWorld]]:
    """An `environment_factory` for each environment, by name; the rows of `rows` choose among them."""
    found: dict[str, type[ToolWorld]] = {}
    for start in begun.values():
        name, world = start.task.environment, start.runtime.environment.world
        if name not in found:
            tools = {spec.name: _tool(spec) for spec in world.actions.values()}
            found[name] = type(name, (ToolWorld,), {"__doc__": world.overview, "_begun": begun, **tools})
    return found


def _tool(spec: ActionSpec) -> Any:
    """A method as TRL reads it: the signature has the types, the docstring says what the arguments are."""

    def call(self: ToolWorld, **arguments: Any) -> str:
        return self._act(spec.name, arguments)

    fields, needed = spec.schema.get("properties", {}), spec.schema.get("required", [])
    kinds = {name: _TYPES.get(field.get("type", ""), Any) for name, field in fields.items()}
    said = [f"    {name}: {field.get('description') or name.replace('_', ' ')}" for name, field in fields.items()]
    parameters = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=kinds[name],
                          default=inspect.Parameter.empty if name in needed else fields[name].get("default"))
        for name in fields
    ]  # fmt: skip
    call.__name__ = call.__qualname__ = spec.name
    call.__annotations__ = {**kinds, "return": str}
    call.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [inspect.Parameter("self", inspect.Parameter.POSITIONAL_ONLY), *parameters], return_annotation=str
    )
    call.__doc__ = "\n".join([spec.description, "", *(["Args:", *said] if said else [])])
    return call


async def success(environments: Sequence[ToolWorld], **_: Any) -> list[float | None]:
    """1 for each attempt that solved its task."""
    grades = await asyncio.gather(*(e._grade() for e in environments))
    return [None if g is None else float(g.success) for g in grades]


async def progress(environments: Sequence[ToolWorld], **_: Any) -> list[float | None]:
    """How much of its task each attempt did."""
    grades = await asyncio.gather(*(e._grade() for e in environments))
    return [None if g is None else g.progress for g in grades]


def format(environments: Sequence[ToolWorld], **_: Any) -> list[float]:
    """The share of each attempt's actions that could be carried out."""
    return [_share(e._valid) for e in environments]


TOOL_REWARDS = (success, progress, format)
"""The reward functions of `tool_environments`; what grades is async, and TRL waits for all at once."""
