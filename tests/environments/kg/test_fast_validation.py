"""The quick check and the whole schema decide alike."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from simenv.plugins.environments.kg.engine.fast_validation import unvalidated_part
from simenv.plugins.environments.kg.world import KG

SCHEMA = Draft202012Validator(KG.schema)
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=3) | st.just("a")
words = st.sampled_from(["a", "m.a", "a b", "", "#", "9a", "\n", "a\n"])
rows = st.lists(st.lists(scalars | words, max_size=4) | scalars, max_size=3) | scalars
entity = st.dictionaries(
    st.sampled_from(["name", "types", "else"]), scalars | st.lists(words | scalars, max_size=2), max_size=2
)
graphs = st.fixed_dictionaries(
    {
        "relations": st.just({}),
        "triples": rows,
        "entities": st.dictionaries(words, entity | scalars, max_size=3) | scalars,
    },
    optional={"values": rows},
)


@given(graphs)
def test_what_is_left_out_was_right(graph):
    whole = {"mentions": {}, "graph": graph}
    assert SCHEMA.is_valid(whole) == SCHEMA.is_valid(whole | {"graph": unvalidated_part(graph, KG.schema)})


@pytest.mark.parametrize("graph", [None, [], "x", {}, {"entities": None, "relations": {}, "triples": []}])
def test_a_graph_that_is_none_is_refused(graph):
    assert not SCHEMA.is_valid({"mentions": {}, "graph": graph})
    with pytest.raises(Exception, match=r"\$\.graph"):
        KG.check({"mentions": {}, "graph": graph})
