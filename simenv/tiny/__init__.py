"""The tiny model: a causal language model of less than a million parameters, made locally so that the whole loop runs offline.

It is an ordinary transformers folder: tokenizer, chat template, weights. The tokenizer is trained on the texts of runs. The
weights start random and are then trained on copying, the skill that takes a small model longest: to repeat a piece of text
from its context on a cue (the induction of Olsson et al., arXiv 2209.11895). How to act in an environment is left to
fine-tuning.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from simenv.network import Reach
from simenv.options import FolderName, Options
from simenv.trust import DataName


class Practice(Options):
    """Settings of the copying exercises: pieces of text, each behind a cue, one of which the model must repeat."""

    steps: int = Field(default=1500, ge=0)
    """optimizer steps; 0 leaves the weights random"""
    tokens: int = Field(default=1024, ge=64)
    """tokens per batch"""
    learning_rate: float = Field(default=3e-3, gt=0)
    """of the exercises, at its highest"""
    easy: float = Field(default=0.5, gt=0, le=1)
    """share of the steps after which the exercises have full difficulty"""
    pieces: int = Field(default=8, ge=1)
    """most pieces of the hardest exercises"""


class Tiny(Reach):
    """Settings of a tiny model."""

    name: FolderName = "tiny"
    """name of its folder"""
    runs: tuple[DataName, ...] = ()
    """run folders with the chats that train the tokenizer; those of the command line are added"""
    chats: int = Field(default=1000, ge=1)
    """most chats read from each run"""
    vocabulary: int = Field(default=1500, ge=200)
    """most tokens of the tokenizer"""
    width: int = Field(default=96, ge=8)
    """size of the hidden vectors; a multiple of twice `heads`"""
    layers: str = Field(default="cac", pattern="^[ca]+$")
    """one letter a layer. c: a short convolution over a token and its two predecessors; a: attention"""
    heads: int = Field(default=4, ge=1)
    """attention heads of a layer of attention"""
    context: int = Field(default=1024, ge=64)
    """most tokens of a chat"""
    practice: Practice = Practice()
    device: Literal["auto", "cpu", "cuda"] = "auto"
    """auto uses a GPU if there is one"""
    seed: int = Field(default=0, ge=0)
    """of the weights and the exercises"""
    out: str = "models"
    """parent folder"""
