"""Choosing and ending tokens row by row, so that requests with settings of their own can share one batch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from transformers import LogitsProcessor, StoppingCriteria


@dataclass(frozen=True)
class Job:
    """One prompt and how to go on from it. Temperature 0 takes the likeliest token; `max_tokens` bounds the answer.

    `on_text` is called in the generating thread with all of the answer's text that can no longer change.
    """

    tokens: list[int]
    temperature: float
    top_p: float
    max_tokens: int
    stop: tuple[str, ...]
    seed: int
    on_text: Callable[[str], object] | None = None


class Draw(LogitsProcessor):
    """Turns greedy choice into sampling with a generator for each row, by the Gumbel-max trick (Gumbel, 1954).

    The largest of logits plus Gumbel noise is a sample of their softmax, and a row's noise depends on its seed alone:
    whichever requests share its batch, it draws the same.
    """

    def __init__(self, jobs: list[Job], device: torch.device) -> None:
        warm = [i for i, job in enumerate(jobs) if job.temperature > 0]
        self.rows = torch.tensor(warm, dtype=torch.long, device=device)
        self.generators = [torch.Generator(device=device).manual_seed(jobs[i].seed) for i in warm]
        self.temperatures = torch.tensor([[jobs[i].temperature] for i in warm], device=device)
        self.top_p = torch.tensor([[jobs[i].top_p] for i in warm], device=device)

    def __call__(self, input_ids: torch.LongTensor, scores: torch.FloatTensor) -> torch.Tensor:
        if not self.generators:
            return scores
        logits = self._nucleus(scores[self.rows].float() / self.temperatures)
        uniform = torch.stack([torch.rand(logits.shape[1], generator=g, device=logits.device) for g in self.generators])
        noise = -torch.log(-torch.log(uniform.clamp_min(1e-20)))
        noisy = scores.clone()
        noisy[self.rows] = (logits + noise).to(scores.dtype)
        return noisy

    def _nucleus(self, logits: torch.Tensor) -> torch.Tensor:
        """Only the likeliest tokens that together reach top_p (Holtzman et al., 2020)."""
        if bool((self.top_p >= 1).all()):
            return logits
        ranked, places = logits.sort(dim=1, descending=True)
        likely = ranked.softmax(dim=1)
        ranked = ranked.masked_fill(likely.cumsum(dim=1) - likely >= self.top_p, float("-inf"))
        return torch.empty_like(logits).scatter_(1, places, ranked)


class Ends(StoppingCriteria):
    """Ends each row at its own bound or stop string; `lengths` says after how many tokens, None where neither came."""

    def __init__(self, jobs: list[Job], tokenizer: Any, start: int) -> None:
        self.jobs, self.tokenizer, self.start = jobs, tokenizer, start
        self.lengths: list[int | None] = [None] * len(jobs)

    def __call__(self, input_ids: torch.LongTensor, scores: torch.FloatTensor, **kwargs: Any) -> torch.Tensor:
        length = input_ids.shape[1] - self.start
        for row, job in enumerate(self.jobs):
            if self.lengths[row] is None and (length >= job.max_tokens or self._has_stop_string(input_ids[row], job)):
                self.lengths[row] = length
            elif self.lengths[row] is None and job.on_text is not None:
                job.on_text(self._final_text(input_ids[row], job))
        return torch.tensor([n is not None for n in self.lengths], device=input_ids.device)

    def _has_stop_string(self, tokens: torch.Tensor, job: Job) -> bool:
        if not job.stop:
            return False
        # A character takes four tokens at most, those of its bytes.
        tail = tokens[max(self.start, len(tokens) - 4 * max(map(len, job.stop)) - 4) :]
        text = self.tokenizer.decode(tail, skip_special_tokens=True)
        return any(stop in text for stop in job.stop)

    def _final_text(self, tokens: torch.Tensor, job: Job) -> str:
        """What is written without an end that may yet become a stop string or a whole character."""
        text = self.tokenizer.decode(tokens[self.start :], skip_special_tokens=True).rstrip("\ufffd")
        return text[: len(text) - max(map(len, job.stop), default=1) + 1]
