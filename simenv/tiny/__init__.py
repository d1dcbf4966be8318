"""The tiny agent: a causal language model of less than a million parameters, made on the spot, so that the whole loop runs
offline. It is an ordinary folder for transformers: tokenizer, chat template, weights.

Made means: a tokenizer learnt from the texts of runs, random weights, and practice in the one thing that takes a small model
longest to find, to read a piece of text again where it is asked for (the induction of Olsson et al., arXiv 2209.11895). What
to do in an environment it does not know; that is what fine-tunes are for.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from simenv.options import Options


class Practice(Options):
    """Exercises in reading: pieces of text, each behind a cue, of which one is to be said again."""

    steps: int = Field(default=1500, ge=0)
    """optimizer steps; 0 leaves the weights random"""
    tokens: int = Field(default=1024, ge=64)
    """tokens of a batch"""
    learning_rate: float = Field(default=3e-3, gt=0)
    easy: float = Field(default=0.5, gt=0, le=1)
    """share of the steps until the exercises are as hard as they get"""
    pieces: int = Field(default=8, ge=1)
    """pieces of the hardest exercises"""


class Tiny(Options):
    """How a tiny model is made."""

    name: str = Field(default="tiny", pattern=r"^[\w][\w.-]*$")
    """name of the folder it goes to"""
    runs: tuple[str, ...] = ()
    """run folders whose chats the tokenizer is learnt from; those of the command line come after them"""
    chats: int = Field(default=1000, ge=1)
    """chats read of each run"""
    vocabulary: int = Field(default=1500, ge=200)
    """tokens"""
    width: int = Field(default=96, ge=8)
    """size of a token's vector; a multiple of twice `heads`"""
    layers: str = Field(default="cac", pattern="^[ca]+$")
    """c: a short convolution, which shows a token its two predecessors; a: attention"""
    heads: int = Field(default=4, ge=1)
    context: int = Field(default=1024, ge=64)
    """tokens of a chat at most"""
    practice: Practice = Practice()
    device: Literal["auto", "cpu", "cuda"] = "auto"
    """auto takes the GPU where there is one"""
    seed: int = Field(default=0, ge=0)
    out: str = "models"
    """where the folder goes"""
