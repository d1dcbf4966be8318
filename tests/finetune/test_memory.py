"""What a fine-tune says before it trains: what is left out, how much memory it needs, and which batch fits."""

from types import SimpleNamespace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from simenv.errors import ConfigError  # noqa: E402
from simenv.finetune.batches import TOO_LONG, Encoding  # noqa: E402
from simenv.finetune.memory import GIB, Need, available, shown  # noqa: E402
from simenv.finetune.trainers import Finetune  # noqa: E402

SETTINGS = Finetune(data="curated/set", model="models/tiny")


def encoding(kept, too_long):
    result = Encoding(pieces=[(np.zeros(4, np.int32), np.zeros(4, np.int32))] * kept)
    result.left_out[TOO_LONG] = too_long
    return result


def test_what_is_too_long_is_told_with_its_count_and_the_way_out():
    [told] = encoding(30, 14).check(SETTINGS, 1024)
    assert told.startswith("14 of 44 samples are longer than the 1,024 tokens") and "dialect=short" in told
    assert encoding(30, 0).check(SETTINGS, 1024) == ()


def test_a_set_most_of_which_is_too_long_is_refused_unless_it_is_allowed():
    with pytest.raises(ConfigError, match="23 of 44 samples are longer than the 1,024 tokens"):
        encoding(21, 23).check(SETTINGS, 1024)
    assert encoding(21, 23).check(SETTINGS.model_copy(update={"may_leave_out": 1.0}), 1024)


def test_the_batch_is_the_largest_half_that_fits():
    need = Need(fixed=GIB, row=GIB)
    assert [need.rows(size * GIB, 4) for size in (100, 6.3, 6.2, 3.8, 3.7, 1)] == [4, 4, 2, 2, 1, 1]
    assert need.of(3) == 4 * GIB and shown(need.of(3)) == "4.0 GiB"


def test_a_large_vocabulary_is_most_of_a_small_models_memory():
    model = torch.nn.Linear(64, 64)
    text = SimpleNamespace(hidden_size=64, num_hidden_layers=2, intermediate_size=128, vocab_size=262_144)
    model.config = SimpleNamespace(get_text_config=lambda: text)
    need = Need.reckoned(model, 2048, 700, checkpointing=False)
    logits = 700 * 262_144 * 4
    assert need.row > 3 * logits and Need.reckoned(model, 2048, 7, checkpointing=False).row < need.row / 20
    assert Need.reckoned(model, 2048, 700, checkpointing=True).row < need.row


def test_some_memory_is_there():
    assert available(on_gpu=False) > 1 << 20
