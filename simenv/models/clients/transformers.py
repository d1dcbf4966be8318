"""A model in this process, from a local folder, on CPU or GPU: the calls of concurrent episodes share its batches."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import torch
from pydantic import Field
from safetensors import SafetensorError
from transformers import AutoModelForCausalLM, AutoTokenizer, DynamicCache, GenerationConfig

from simenv.documents import object_file
from simenv.errors import ConfigError, ContextLimit, ModelError, Unreadable
from simenv.model import Request
from simenv.models import spelling
from simenv.models.budget import Budget
from simenv.models.calls import read_calls
from simenv.models.limits import Client, Settings
from simenv.models.prefix_cache import Layers, Prefixes, cache, fill, split
from simenv.models.sampling import Draw, Ends, Job
from simenv.models.text_calls import CallStyle, written
from simenv.trust import WeightsName, WeightsPath, refuse_modules
from simenv.types import Reply, Usage, digest


class Batch:
    """Jobs that will run together. It takes more until it is full, or the window is over and the model is free."""

    def __init__(self) -> None:
        self.jobs: list[Job] = []
        self.full = asyncio.Event()
        self.task: asyncio.Task[list[Reply]]


class Transformers(Client):
    """A causal language model with a chat template. Loads when made; generates in one thread of its own.

    Equal requests with equal seeds get equal answers whatever else is in their batch, as far as the arithmetic allows:
    padding can shift logits by a rounding error. A cassette takes the folder's name for its weights.
    """

    class Options(Settings):
        model: WeightsName
        """Folder with weights, tokenizer and chat template, or with an adapter that names its base."""
        adapter: WeightsPath | None = None
        """Folder of a PEFT adapter, put on top of any base."""
        device: str = "auto"
        """cpu, cuda, cuda:1 …; auto takes the GPU where there is one."""
        dtype: Literal["auto", "float32", "bfloat16", "float16"] = "auto"
        """Numbers of the weights; auto: as they are stored."""
        temperature: float = Field(default=0, ge=0)
        """0 takes the likeliest token."""
        top_p: float = Field(default=1, gt=0, le=1)
        """Share of the likeliest tokens that are drawn from."""
        max_tokens: int = Field(default=512, ge=1)
        """Tokens of an answer."""
        seed: int = 0
        """Of the draws."""
        context: int | None = Field(default=None, ge=1)
        """Tokens of prompt and answer together; by default what the model's config says."""
        batch_size: int = Field(default=16, ge=1)
        """Prompts that are answered together."""
        window: float = Field(default=0.005, ge=0)
        """Seconds that the first call of a batch waits for others."""
        prefixes: float = Field(default=1, ge=0)
        """GiB of memory for what was read of earlier prompts, which is not read again where a prompt begins with it."""
        calls: CallStyle = "template"
        """text: tool calls as text, for a base whose chat template knows none; what was trained with calls=text has it."""
        template: dict[str, Any] = {}
        """Further variables of the chat template, such as enable_thinking."""
        timeout: float = Field(default=3600, gt=0)
        """Seconds for one call."""
        deadline: float = Field(default=3600, gt=0)
        """Seconds for one call over all its tries."""
        retries: int = Field(default=0, ge=0)
        """Tries after the first."""
        concurrency: int = Field(default=1024, ge=1)
        """Calls that may wait at once."""

    options: Options
    free = True

    def __init__(self, options: Options, budget: Budget | None = None) -> None:
        super().__init__(options, budget)
        self.device = _device(options.device)
        self.tokenizer, self.model = _load(options)
        self.spelling = spelling.of(written(self.tokenizer, options.calls))
        self.model.to(self.device).eval()
        config = self.model.config.get_text_config()
        self.context = options.context or getattr(config, "max_position_embeddings", None)
        ends = self.model.generation_config.eos_token_id
        self.ends = {*(ends if isinstance(ends, list) else [ends]), self.tokenizer.eos_token_id} - {None}
        self.prefixes = Prefixes(int(options.prefixes * 2**30))
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="transformers")
        self._free = asyncio.Lock()
        self._open: Batch | None = None

    async def attempt(self, request: Request) -> Reply:
        return await self._answer(request)

    async def stream(self, request: Request) -> AsyncIterator[str]:
        """The text token by token, from a batch that it may share with others; calls are not taken out of it."""
        loop, texts, shown_text = asyncio.get_running_loop(), asyncio.Queue[str | None](), ""
        answer = asyncio.create_task(
            self._answer(request, lambda text: loop.call_soon_threadsafe(texts.put_nowait, text))
        )
        answer.add_done_callback(lambda _: texts.put_nowait(None))
        try:
            while (text := await texts.get()) is not None:
                if len(text) > len(shown_text):
                    yield text[len(shown_text) :]
                    shown_text = text
            yield (await answer).text[len(shown_text) :]
        finally:
            answer.cancel()

    async def _answer(self, request: Request, on_text: Callable[[str], object] | None = None) -> Reply:
        job = replace(self._job(request), on_text=on_text)
        batch = self._open
        if batch is None:
            batch = self._open = Batch()
            batch.task = asyncio.create_task(self._run(batch))
        place = len(batch.jobs)
        batch.jobs.append(job)
        if len(batch.jobs) == self.options.batch_size:
            self._open = None
            batch.full.set()
        # A caller that is cancelled must not take the others' answers along.
        reply = (await asyncio.shield(batch.task))[place]
        if not request.tools or on_text is not None:
            return reply
        text, calls = read_calls(reply.text, f"call_{len(request.messages)}")
        return reply.model_copy(
            update={"text": text, "calls": calls, "finish": "tool_calls" if calls else reply.finish}
        )

    async def _run(self, batch: Batch) -> list[Reply]:
        try:
            async with asyncio.timeout(self.options.window):
                await batch.full.wait()
        except TimeoutError:
            pass
        async with self._free:
            if self._open is batch:
                self._open = None
            self.tally["batches"] += 1
            return await asyncio.get_running_loop().run_in_executor(self._thread, self._generate, batch.jobs)

    def _job(self, request: Request) -> Job:
        options = self.options
        prompt = self._prompt(request)
        tokens = self.tokenizer(prompt, add_special_tokens=False)["input_ids"]
        max_tokens = request.max_tokens or options.max_tokens
        if self.context is not None and len(tokens) + max_tokens > self.context:
            raise ContextLimit(
                f"{self.label}: {len(tokens)} tokens of prompt and {max_tokens} for the answer exceed its {self.context}"
            )
        # Each prompt and each sample of it draws its own numbers, the same in every run.
        seed = digest([options.seed if request.seed is None else request.seed, request.sample, tokens])
        return Job(
            tokens=tokens,
            temperature=options.temperature if request.temperature is None else request.temperature,
            top_p=options.top_p,
            max_tokens=max_tokens,
            stop=request.stop,
            seed=int(seed[:15], 16),
        )

    def _prompt(self, request: Request) -> str:
        try:
            return self.tokenizer.apply_chat_template(
                self.spelling.rows(request.messages),
                tools=list(request.tools) or None,
                tokenize=False,
                add_generation_prompt=True,
                **self.options.template,
            )
        except spelling.REFUSALS as e:
            raise ModelError(f"{self.label}: its chat template refuses the messages: {e}") from e

    def _generate(self, jobs: list[Job]) -> list[Reply]:
        """In the thread. A batch that does not fit memory or context is done in halves."""
        # Rows go on beside the longest; in models with learned positions they must not pass the last one.
        together = max(len(j.tokens) for j in jobs) + max(j.max_tokens for j in jobs)
        if len(jobs) == 1 or self.context is None or together <= self.context:
            try:
                return self._forward(jobs)
            except torch.OutOfMemoryError as e:
                self.prefixes.clear()
                if len(jobs) == 1:
                    raise ModelError(f"{self.label}: out of memory with {len(jobs[0].tokens)} tokens of prompt") from e
        half = len(jobs) // 2
        return self._generate(jobs[:half]) + self._generate(jobs[half:])

    @torch.inference_mode()
    def _forward(self, jobs: list[Job]) -> list[Reply]:
        prefixes = self._known_prefixes(jobs)
        lengths = [length for length, _ in prefixes]
        parts = [(job.tokens[:n], job.tokens[n:]) for job, n in zip(jobs, lengths, strict=True)]
        read, width = max(lengths), max(len(new) for _, new in parts)
        pad = next(iter(sorted(self.ends))) if self.tokenizer.pad_token_id is None else self.tokenizer.pad_token_id
        # What is known stands before what is new, each aligned on the right; the mask leaves out the padding of both.
        rows = [_pad_left(old, read, pad) + _pad_left(new, width, pad) for old, new in parts]
        places = [_pad_left([1] * len(old), read, 0) + _pad_left([1] * len(new), width, 0) for old, new in parts]
        ids, mask = torch.tensor(rows, device=self.device), torch.tensor(places, device=self.device)
        max_tokens = max(job.max_tokens for job in jobs)
        past = cache(self.model.config, read + width + max_tokens)
        if past is not None and read:
            fill(past, [layers for _, layers in prefixes], read)
        ends = Ends(jobs, self.tokenizer, read + width)
        settings = GenerationConfig(
            max_new_tokens=max_tokens, do_sample=False, pad_token_id=pad,
            eos_token_id=sorted(self.ends) or None, return_dict_in_generate=True,
        )  # fmt: skip
        out = self.model.generate(
            input_ids=ids, attention_mask=mask, generation_config=settings,
            logits_processor=[Draw(jobs, self.device)], stopping_criteria=[ends], past_key_values=past,
        )  # fmt: skip
        answers = out.sequences[:, read + width :].tolist()
        self.tally["prompt tokens reused"] += sum(lengths)
        if past is not None and self.options.prefixes:
            self._remember(jobs, answers, ends.lengths, mask, past)
        return [self._reply(*answer) for answer in zip(jobs, answers, ends.lengths, strict=True)]

    def _known_prefixes(self, jobs: list[Job]) -> list[tuple[int, Layers]]:
        """What was read before of each prompt, unless the rows side by side would pass the context."""
        prefixes = [self.prefixes.find(job.tokens) for job in jobs]
        longest = max(n for n, _ in prefixes) + max(len(j.tokens) - n for j, (n, _) in zip(jobs, prefixes, strict=True))
        if self.context is not None and longest + max(j.max_tokens for j in jobs) > self.context:
            return [(0, [])] * len(jobs)
        return prefixes

    def _remember(
        self, jobs: list[Job], answers: list[list[int]], ends: list[int | None], mask: torch.Tensor, past: DynamicCache
    ) -> None:
        """Keep what was read and written of each row; the last token written was not read."""
        rows = [row if end is None else row[:end] for row, end in zip(answers, ends, strict=True)]
        width = past.get_seq_length() - mask.shape[1]
        more = [[int(i < len(row) - 1) for i in range(width)] for row in rows]
        whole = torch.cat([mask, mask.new_tensor(more).reshape(len(rows), width)], dim=1)
        for job, row, layers in zip(jobs, rows, split(past, whole), strict=True):
            self.prefixes.keep([*job.tokens, *row[:-1]], layers)

    def _reply(self, job: Job, row: list[int], length: int | None) -> Reply:
        tokens = row if length is None else row[:length]
        end = next((i for i, token in enumerate(tokens) if token in self.ends), None)
        tokens = tokens if end is None else tokens[: end + 1]
        text = self.tokenizer.decode(tokens, skip_special_tokens=True)
        cut = min((at for stop in job.stop if (at := text.find(stop)) >= 0), default=None)
        usage = Usage(input_tokens=len(job.tokens), output_tokens=len(tokens))
        cost = self.price.cost(usage.input_tokens, usage.output_tokens) if self.price else 0.0
        finish = "length" if end is None and cut is None else "stop"
        return Reply(text=text[:cut], finish=finish, usage=usage.model_copy(update={"cost": cost}))

    async def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)


def _pad_left(values: list[int], width: int, pad: int) -> list[int]:
    return [pad] * (width - len(values)) + values


def _device(name: str) -> torch.device:
    """ConfigError for a device that PyTorch does not find."""
    try:
        device = torch.device(name if name != "auto" else "cuda" if torch.cuda.is_available() else "cpu")
        torch.empty(0, device=device)
    except (AssertionError, RuntimeError) as e:  # the first where PyTorch was built without it
        raise ConfigError(f"model transformers.device: {name}: {str(e).splitlines()[0]}") from e
    return device


def _load(options: Transformers.Options) -> tuple[Any, Any]:
    """Tokenizer and model; ConfigError where the folder does not hold both."""
    base, adapter = _parts(options)
    if base.startswith(("/", ".")) and not Path(base).is_dir():
        raise ConfigError(f"model transformers.model: {base}: no such folder")
    refuse_modules(Path(base), *([adapter] if adapter else []))
    try:
        tokenizer = AutoTokenizer.from_pretrained(options.model, trust_remote_code=False)
        model = AutoModelForCausalLM.from_pretrained(base, dtype=options.dtype, trust_remote_code=False)
    except (OSError, ValueError, SafetensorError) as e:
        raise ConfigError(f"model transformers.model: {base}: {str(e).splitlines()[0]}") from e
    if not tokenizer.chat_template:
        raise ConfigError(f"model transformers.model: {options.model}: its tokenizer has no chat template")
    if adapter is None:
        return tokenizer, model
    try:
        from peft import PeftModel

        return tokenizer, PeftModel.from_pretrained(model, str(adapter))
    except ModuleNotFoundError as e:
        raise ConfigError(f"model transformers.adapter needs the package {e.name}: pip install 'simenv[train]'") from e
    except (OSError, ValueError, RuntimeError, SafetensorError) as e:
        raise ConfigError(f"model transformers.adapter: {adapter}: {str(e).splitlines()[0]}") from e


def _parts(options: Transformers.Options) -> tuple[str, Path | None]:
    """Base and adapter. A folder with an adapter and no weights of its own, as a fine-tune leaves it, names its base."""
    folder = Path(options.model)
    config = folder / "adapter_config.json"
    if options.adapter is not None or not config.is_file() or any(folder.glob("model*.safetensors")):
        return options.model, options.adapter
    try:
        base = str(object_file(config)["base_model_name_or_path"])
    except (Unreadable, KeyError) as e:
        raise ConfigError(f"model transformers.model: {config}: expected a base_model_name_or_path") from e
    if base.startswith(("/", ".")) and not Path(base).is_dir():
        raise ConfigError(
            f"model transformers.model: {folder} is an adapter of {base}, which is not there; set model=BASE "
            f"and adapter={folder}"
        )
    return base, folder
