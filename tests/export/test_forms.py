# ruff: noqa: E501 (records read better in one line)
"""Published forms of chats, read and written; rows and YAML for trainers; each line was read once.

`python -m tests.export.test_forms` writes the lines anew.
"""

import json
import os
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from simenv.__main__ import main
from simenv.data import contamination, dataset, masks, records, tokens
from simenv.data.chat_formats import Malformed, recognise
from simenv.data.masks import IGNORED, Template, Unmaskable
from simenv.errors import ConfigError, TrainError, Unreadable
from simenv.export import Export, axolotl, export, messages
from simenv.export.formats.axolotl import Axolotl
from simenv.export.formats.openai import OpenAI
from simenv.options import read
from simenv.plugins import load
from simenv.recipe import Recipe
from simenv.types import Call, Sample, Task
from tests.helpers import chats
from tests.helpers.chats import message
from tests.helpers.pinned import assert_as_pinned, write_pinned

PINNED = Path(__file__).with_name("pinned")
U, A = {"role": "user", "content": "u"}, {"role": "assistant", "content": "a"}
CALL = {"id": "c", "type": "function", "function": {"name": "f", "arguments": '{"x": 1}'}}
TOOLS = [{"type": "function", "function": {"name": "f"}}]
CHATS = [
    {"messages": [U, A]}, {"id": 7, "messages": [U, A | {"loss": False}], "more": [1]}, {"messages": [U | {"train": False}, A | {"train": True}]}, {"messages": [U, A | {"weight": 0}, U, A | {"weight": 1}]},
    {"messages": [U, A | {"weight": 2}]}, {"messages": [U, A | {"training": None}]}, {"messages": [{"role": "developer", "content": "s"}, U, A]}, {"messages": [U, {"role": "function", "content": "t"}, A]},
    {"messages": [U, {"role": "assistant", "content": None, "tool_calls": [CALL]}, {"role": "tool", "content": "t", "tool_call_id": "c"}], "tools": TOOLS},
    {"messages": [U, A | {"tool_calls": [{"function": {"name": "f"}}]}], "tools": json.dumps(TOOLS)}, {"messages": [U, A | {"tool_calls": [{"function": {"name": "f", "arguments": {"é": 1}}}]}], "tools": []},
    {"messages": [U, A], "tools": None}, {"messages": [U, A], "tools": ""}, {"messages": [U, A], "tools": "{"}, {"messages": [U, A], "tools": [1]}, {"messages": [U, A], "tools": {"a": 1}},
    {"messages": [U, {"role": "assistant", "content": None}]}, {"messages": [U, {"role": "bot", "content": "a"}]}, {"messages": [U, 7]}, {"messages": [U, {"role": 7, "content": "a"}]}, {"messages": [{"role": "user"}]}, {"messages": [U, {"content": "a"}]},
    {"messages": [U, A | {"tool_calls": 7}]}, {"messages": [U, A | {"tool_calls": [7]}]}, {"messages": [U, A | {"tool_calls": [{"function": {"name": 7}}]}]}, {"messages": [U, A | {"tool_call_id": 7}]}, {"messages": [U, A | {"tool_calls": []}]},
    {"messages": json.dumps([U, A])}, {"messages": "[{"}, {"messages": "x"}, {"messages": []}, {"messages": 7}, {},
    {"id": "db_1", "conversations": [U, A | {"loss": False}, U, A | {"loss": True}]}, {"conversations": [U, A]}, {"conversations": [U | {"loss": None}, A | {"loss": True}]},
    {"conversations": [{"from": "human", "value": "u"}, {"from": "gpt", "value": "a", "loss": True}, {"from": "chatgpt", "value": "b", "loss": False}]}, {"conversations": [{"from": "user", "value": "u"}, {"from": "bard", "value": "a"}]},
    {"conversations": [{"from": "system", "value": "s"}, {"from": "human", "value": "u"}, {"from": "function_call", "value": '{"name": "f", "arguments": {"x": 1}}'}, {"from": "observation", "value": "t"}, {"from": "gpt", "value": "a"}], "tools": json.dumps(TOOLS)},
    {"conversations": [{"from": "function_call", "value": '[{"name": "f", "arguments": {}}, {"name": "g", "arguments": []}]'}, {"from": "tool", "value": "t"}], "tools": TOOLS}, {"conversations": [{"from": "observation", "value": "t"}]},
    {"conversations": [{"from": "function_call", "value": "{"}]}, {"conversations": [{"from": "function_call", "value": '{"name": "f"}'}]}, {"conversations": [{"from": "function_call", "value": '{"name": 7, "arguments": 1}'}]}, {"conversations": [{"from": "function_call", "value": "7"}]},
    {"conversations": [{"from": "it", "value": "x"}]}, {"conversations": [{"from": "gpt", "value": 7}]},
    {"instruction": "i", "output": "o"}, {"instruction": "i", "input": "n", "output": "o", "id": 3}, {"instruction": "i", "input": "", "output": "o", "system": "s", "history": [["q", "a"], ["r", "b"]]}, {"instruction": "i", "output": "o", "history": None},
    {"instruction": "i", "output": 7}, {"instruction": 7, "output": "o"}, {"instruction": "i", "input": 7, "output": "o"}, {"instruction": "i", "output": "o", "history": [["q"]]}, {"instruction": "i", "output": "o", "history": "q"}, {"instruction": "i", "output": "o", "history": [["q", 7]]}, {"instruction": "i"},
]  # fmt: skip
MIXED = Sample(
    id="mixed", task="t", environment="db", kind="k", source="run", origin="runs/a", tools=tuple(TOOLS), extra={"more": 1, "loss": 2},
    messages=(message("system", "s"), message("user", "u"), message("assistant", "a", train=False), message("user", "v"), message("assistant", "wörds", train=True, calls=(Call(id="c1", name="f", arguments='{"x": 1}'), Call(id="c2", name="g", arguments="no json"))), message("tool", "t", call_id="c1")),
)  # fmt: skip
WORDS_ALONE = MIXED.model_copy(
    update={"messages": tuple(m.model_copy(update={"calls": ()}) for m in MIXED.messages), "tools": ()}
)
SAMPLES = [*chats.SAMPLES, MIXED, MIXED.model_copy(update={"messages": MIXED.messages[1:3], "tools": ()})]


def published():
    """Records of published forms: what is read, and what is said of those that are none."""
    for record in CHATS:
        try:
            form = recognise(record, "f:1")
            for chat in form.chats(record):
                messages = json.dumps([m.model_dump(exclude_defaults=True) for m in chat.messages])
                said = f"{form.name} {messages} {chat.extra} {json.dumps(chat.tools)} {' '.join(form.unknown(record))}".rstrip()
        except (Malformed, ConfigError) as e:
            said = f"{type(e).__name__} {str(e).splitlines()[0]}"
        yield f"{json.dumps(record)[:120]}: {said}"


def other():
    """Samples in every published form, and in the words of every trainer."""
    for sample in SAMPLES:
        for name in ("agentinstruct", "atif", "axolotl", "openai", "sharegpt", "trl", "datasets"):
            yield f"{sample.id} {name} {json.dumps(list(load('formats', name)().rows(sample)))}"


RECIPES = [
    {"device": "cpu"}, {"device": "cpu", "method": "full", "schedule": "constant", "steps": 9, "warmup": 0.1, "weight_decay": 0.2, "batch_size": 3, "accumulate": 2, "checkpointing": True, "learning_rate": 0.01, "sequence_length": 99, "save_every": 7, "log_every": 5, "seed": 4},
    {"device": "cuda", "method": "qlora", "packing": True, "epochs": 2.5, "lora": {"r": 4, "alpha": 9.5, "dropout": 0.1, "targets": ["q", "k"]}}, {"device": "cuda", "dtype": "float16", "lora": {"targets": "q"}}, {"device": "cuda", "dtype": "bfloat16", "axolotl": {"options": {"seed": 9, "é": 1}}}, {"device": "cuda", "dtype": "float32", "method": "full"},
]  # fmt: skip


def recipes():
    """The whole YAML of recipes."""
    for number, recipe in enumerate(RECIPES):
        yield f"# {json.dumps(recipe)}"
        yield from axolotl.yaml_text(
            read(Recipe, recipe, ""), "a/base", SimpleNamespace(end="<|e|>"), number % 2 == 0, f"./out-{number}"
        ).splitlines()


SETS = {f.__name__: f for f in (published, other, recipes)}


@pytest.mark.parametrize("name", SETS)
def test_each_line_is_as_it_was_read(name):
    assert_as_pinned(SETS[name](), PINNED / f"{name}.txt", f"python -m tests.export.test_forms {name}")


def test_a_recipe_that_needs_a_gpu_names_the_option():
    for recipe, option in (({"packing": True}, "packing"), ({"method": "qlora"}, "method: qlora")):
        with pytest.raises(ConfigError) as told:
            axolotl.yaml_text(Recipe(device="cpu", **recipe), "b", SimpleNamespace(end="e"), False)
        assert (
            str(told.value)
            == f"{option}: axolotl needs a GPU for it; set device=cuda if the YAML is for another machine"
        )


def test_a_base_that_is_a_folder_is_named_in_full(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "base").mkdir()
    assert axolotl.yaml_text(Recipe(device="cpu"), "base", SimpleNamespace(end="e"), False).startswith(
        f"base_model: {tmp_path}/base\n"
    )


STUBS = {
    "axolotl/__init__.py": "", "axolotl/cli/__init__.py": "", "axolotl/utils/__init__.py": "", "axolotl/utils/schemas/__init__.py": "",
    "axolotl/cli/config.py": "def gpu_capabilities():\n    return 1, 2\n",
    "axolotl/cli/train.py": "import os, sys\n\ndef do_cli(config):\n    print('trains', config, os.getcwd(), sys.argv[1:], os.environ.get('HF_HUB_OFFLINE'), os.environ['AXOLOTL_DO_NOT_TRACK'], os.environ['DO_NOT_TRACK'], os.environ['WANDB_MODE'], os.environ['PYTHONUNBUFFERED'])\n",
    "axolotl/cli/merge_lora.py": "import os\n\ndef do_cli(config):\n    print('merges', config, 'AXOLOTL_IS_PREPROCESS' in os.environ)\n",
    "axolotl/cli/preprocess.py": "import os\n\ndef do_cli(config):\n    os.environ['AXOLOTL_IS_PREPROCESS'] = '1'\n    print('prepares', config)\n",
    "axolotl/utils/config.py": "def validate_config(data, *more):\n    if data.get('seed') == 13 or more != (1, 2):\n        raise ValueError('an unlucky seed')\n",
    "axolotl/utils/dict.py": "class DictDefault(dict):\n    pass\n",
    "axolotl/utils/schemas/config.py": "from types import SimpleNamespace as S\n\nclass AxolotlInputConfig:\n    model_fields = {k: S(alias='seeds' if k == 'seed' else None) for k in ('base_model', 'seed', 'datasets', 'test_datasets')}\n",
    "axolotl/utils/schemas/datasets.py": "from types import SimpleNamespace as S\n\nclass SFTDataset:\n    model_fields = {'path': S(alias=None)}\n",
    "axolotl-9.9.dist-info/METADATA": "Metadata-Version: 2.1\nName: axolotl\nVersion: 9.9\n",
}  # fmt: skip


@pytest.fixture
def python(tmp_path, monkeypatch):
    """A Python for which a stand-in of axolotl is installed."""
    for name, text in STUBS.items():
        path = tmp_path / "site" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "site"))
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    return Path(sys.executable)


def test_stages_run_in_one_process_in_their_folder(tmp_path, python):
    base = tmp_path / "base"
    base.mkdir()
    config = tmp_path / "axolotl.yaml"
    config.write_text(f"base_model: {base}\nseed: 3\n")
    here = str(tmp_path)
    assert list(axolotl.run(python, [("preprocess", config), ("train", config), ("merge", config)])) == [
        f"simenv: preprocess {config}", f"prepares {config}", f"simenv: train {config}", f"trains {config} {here} [] 1 1 1 disabled 1", f"simenv: merge {config}", f"merges {config} False",
    ]  # fmt: skip
    config.write_text("base_model: a/hub\n")
    assert list(axolotl.run(python, [("train", config)]))[1] == f"trains {config} {here} [] None 1 1 disabled 1"
    with pytest.raises(
        TrainError, match=r"^axolotl exited with status 1 \(dance\); it said:\n(?s:.*)KeyError: 'dance'$"
    ):
        list(axolotl.run(python, [("dance", config)]))


def test_a_yaml_is_checked_by_axolotls_schema(tmp_path, python):
    config = tmp_path / "axolotl.yaml"
    config.write_text("base_model: m\nseeds: 3\ndatasets: [{path: a}]\n")
    assert axolotl.check(config, python) == "axolotl 9.9 accepts the YAML"
    config.write_text("base_model: m\nseed: 13\nsede: 1\ndatasets: [{path: a, pth: b}]\ntest_datasets: [{p: 1}]\n")
    with pytest.raises(ConfigError) as told:
        axolotl.check(config, python)
    assert str(told.value) == (
        "axolotl does not accept the YAML: unknown key 'sede'; unknown key 'pth' in datasets; unknown key 'p' in test_datasets; ValueError: an unlucky seed"
    )
    config.write_text("base_model: m\n")
    with pytest.raises(ConfigError, match=r"^axolotl: axolotl exited with status 1 \(check\)"):
        config.with_name("site").joinpath("axolotl/cli/config.py").write_text("raise SystemExit(1)\n")
        axolotl.check(config, python)


def test_axolotl_is_looked_for_here_and_in_the_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("SIMENV_CACHE", str(tmp_path))
    place = tmp_path / f"axolotl-{axolotl.VERSION}"
    (place / "lib/python3.11/site-packages/axolotl").mkdir(parents=True)
    assert axolotl.find() == place / "bin" / "python" and axolotl.find(Path("/x")) == Path("/x")
    with pytest.raises(
        ConfigError,
        match=rf"^axolotl\.python: {place}/bin/python does not exist; trainer axolotl needs axolotl {axolotl.VERSION} in an",
    ):
        axolotl.required()
    monkeypatch.setattr(axolotl, "find_spec", lambda name: name == "axolotl")
    assert axolotl.find() == Path(sys.executable) == axolotl.required()


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ('{"x": 1}', '{"x": 1}'),
        ('{"x":1}', '{"x":1}'),
        ("no json", '{"malformed": "no json"}'),
        ("[1]", '{"malformed": "[1]"}'),
        ("", ""),
    ],
)
def test_arguments_that_are_no_object_are_quoted_in_one(arguments, text):
    assert messages.openai_call(Call(id="c", name="f", arguments=arguments))["function"]["arguments"] in (
        text,
        '{"malformed": ""}',
    )


def test_rows_that_train_nothing_are_left_out():
    assert (
        list(OpenAI().rows(SAMPLES[-1])) == [] and list(OpenAI().rows(MIXED.model_copy(update={"messages": ()}))) == []
    )
    assert len(list(Axolotl().rows(SAMPLES[-1]))) == 1


class Words:
    """A tokenizer of words, with a chat template that is a function."""

    name_or_path, eos_token, eos_token_id, is_fast, chat_template = "words", "<e>", 1, True, "x"
    all_special_tokens = ("<e>",)

    def __init__(self, write=lambda ms, tools: "".join(f"[{m['role']}] {m['content']}<e>\n" for m in ms), special=()):
        self.write, self.added_tokens_decoder = write, dict(enumerate(special))

    def apply_chat_template(self, given, tools, tokenize):
        assert tokenize is False and (tools is None or tools)
        return self.write(given, tools)

    def __call__(self, text, add_special_tokens, return_offsets_mapping=False):
        assert add_special_tokens is False
        import re

        found = [(m.start(), m.end()) for m in re.finditer(r"<e>|\n|[^\s<]+|\s|<", text)]
        self.known = getattr(self, "known", ["", "<e>"])
        self.known += [text[a:b] for a, b in found if text[a:b] not in self.known]
        return {"input_ids": [self.known.index(text[a:b]) for a, b in found], "offset_mapping": found}

    def convert_ids_to_tokens(self, id):
        return self.known[id]

    def convert_tokens_to_ids(self, token):
        return self.known.index(token)


def test_loss_falls_on_words_and_the_end_after_them():
    template = Template(Words())
    ids, labels = template.encode(WORDS_ALONE)
    at = [n for n, label in enumerate(labels) if label != IGNORED]
    assert template.end == "<e>" and [template.tokenizer.known[ids[n]] for n in at] == ["wörds", "<e>"]
    assert all(labels[n] == ids[n] for n in at) and len(ids) == len(labels)
    assert masks.encode(SAMPLES[-1], Words()).labels == [IGNORED] * len(masks.encode(SAMPLES[-1], Words()).input_ids)


def refuse(*words):
    raise ValueError("it will not")


@pytest.mark.parametrize(
    ("tokenizer", "says"),
    [
        (Words(lambda ms, t: "".join(f"{m['content']} {m['content']}<e>" for m in ms)), "words: its chat template does not show what an assistant said"), (Words(refuse), "the chat template of words refuses the messages: it will not"),
        (Words(lambda ms, t: "".join(f"{m['content']}\n\n\n\n<e>" for m in ms)), "words: its chat template ends an assistant's turn with no special token, so a model could not learn to stop; expected one after the text, got '\\n\\n\\n\\n<e>a\\n\\n\\n\\n<e>'"),
    ],
)  # fmt: skip
def test_templates_that_cannot_be_learned_are_refused(tokenizer, says):
    with pytest.raises(ConfigError) as told:
        Template(tokenizer)
    assert str(told.value) == says


def test_a_template_may_write_three_blanks_before_the_end():
    template = Template(Words(lambda ms, t: "".join(f"{m['content']}\n\n\n<e>" for m in ms)))
    _, labels = template.encode(WORDS_ALONE)
    assert template.end == "<e>" and sum(label != IGNORED for label in labels) == 2


def test_tokenizers_without_template_or_places_are_refused():
    bare, slow = Words(), Words()
    bare.chat_template, slow.is_fast, bare.name_or_path = None, False, ""
    with pytest.raises(
        ConfigError,
        match=r"^Words: its tokenizer has no chat template; take an instruction-tuned model, or put a chat_template\.jinja beside",
    ):
        Template(bare)
    with pytest.raises(
        ConfigError, match=r"^words: expected a fast tokenizer \(tokenizer\.json\), which knows where tokens lie$"
    ):
        Template(slow)


def test_samples_whose_loss_has_no_place_are_refused():
    said = Sample(
        id="s",
        task="s",
        environment="db",
        source="run",
        messages=(message("user", "u"), message("assistant", "a<e>b", train=True)),
    )
    with pytest.raises(Unmaskable, match=r"^message 2 \(assistant\) holds the special token '<e>' as text$"):
        Template(Words()).encode(said)
    tool = SimpleNamespace(special=True, __str__=lambda self: "u")
    named = Words(
        special=[
            type("T", (), {"special": True, "__str__": lambda self: "f"})(),
            type("T", (), {"special": False, "__str__": lambda self: "u"})(),
        ]
    )
    with pytest.raises(Unmaskable, match=r"^message 5 \(assistant\) holds the special token 'f' as text$"):
        Template(named).encode(MIXED)
    twice = Words(lambda ms, t: "".join(f"{m['content']}<e>" for m in ms) + (ms[4]["content"] if len(ms) > 4 else ""))
    with pytest.raises(Unmaskable, match=r"^the chat template of words shows message 5 2 times$"):
        Template(twice).encode(WORDS_ALONE)
    assert tool.special


def test_names_that_are_no_model_are_told(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "models").mkdir()
    asked = []
    stub = SimpleNamespace(
        from_pretrained=lambda name, trust_remote_code: asked.append((name, trust_remote_code)) or refuse()
    )
    monkeypatch.setitem(sys.modules, "transformers", SimpleNamespace(AutoTokenizer=stub))
    for name in ("./x", "models/typo", str(tmp_path), "~/nowhere-at-all"):
        with pytest.raises(ConfigError) as told:
            masks.load(name)
        assert str(told.value).startswith(f"{name}: no model here; expected a folder") or "needs the package" in str(
            told.value
        )
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(
        ConfigError, match=r"^the tokenizer of a/b needs the package transformers: pip install 'simenv\[train\]'$"
    ):
        masks.load("a/b")


def test_tokens_are_estimated_by_four_characters():
    count = tokens.tokens("estimate", "x")
    assert count.name == "estimate (4 characters a token)" and [count.text("x" * n) for n in (0, 1, 4, 5, 8)] == [
        0,
        1,
        1,
        2,
        2,
    ]
    assert count.chat([message("user", "12345678")]) == 2 and count.chat([message("user", "123456789")]) == 3
    assert count.chat([], [{"a": 1}]) == 3 and count.chat([]) == 0
    called = message("assistant", "ab", train=True, calls=(Call(id="c", name="f", arguments='{"x": 1}'),))
    assert count.chat([called]) == 10 and count.trained([called, message("assistant", "x" * 99)]) == 10
    with pytest.raises(
        ConfigError,
        match=r"^k: no tokenizer; expected a folder or name \(tokenizer=\./my-model\), or tokenizer=estimate: 4 characters a token$",
    ):
        tokens.tokens(None, "k")


def test_a_tokenizer_counts_what_its_template_writes(monkeypatch):
    monkeypatch.setattr(tokens, "load", lambda name: Words(lambda ms, t: "a b c" if t is None else "a b c d"))
    count = tokens.Tokenizer("w")
    assert (count.name, count.chat([]), count.chat([], [{"a": 1}]), count.text("a b")) == ("w", 5, 7, 3)

    def complain(*words):
        from jinja2 import TemplateError

        raise TemplateError("roles must alternate")

    count._tokenizer.write = complain
    with pytest.raises(
        ConfigError, match=r"^tokenizer w: its chat template refuses the messages: roles must alternate$"
    ):
        count.chat([])
    monkeypatch.setattr(tokens, "load", lambda name: SimpleNamespace(chat_template=""))
    with pytest.raises(
        ConfigError,
        match=r"^tokenizer w: it has no chat template; expected chat_template in tokenizer_config\.json, or a file",
    ):
        tokens.Tokenizer("w")


TASK = "one two three four five six seven eight nine ten eleven twelve"


@pytest.mark.parametrize(
    ("task", "chat", "meets"),
    [
        (f"{TASK} thirteen fourteen", f"x {TASK} thirteen y", True), (f"{TASK} thirteen fourteen", TASK, False), ("a b c d e", "z a B, c. d e z", True), ("a b c d", "a b c d", False), ("a b c d e", "a b c d", False),
    ],
)  # fmt: skip
def test_a_chat_meets_a_task_by_a_run_of_its_words(task, chat, meets):
    overlap = contamination.WordOverlap()
    overlap.add(task)
    assert overlap.meets([message("user", chat)]) is meets and overlap.tasks == int(len(task.split()) >= 5)
    assert not overlap.meets([message("system", chat)])


def test_the_texts_of_tasks_come_from_run_file_or_lines(tmp_path):
    (tmp_path / "tasks.jsonl").write_text(
        "".join(
            json.dumps({key: f"by {key}", "n": 1}) + "\n"
            for key in ("problem", "prompt", "query", "description", "question", "instruction")
        )
    )
    assert list(contamination.task_texts(tmp_path)) == [
        f"by {k}" for k in ("problem", "prompt", "query", "description", "question", "instruction")
    ]
    (tmp_path / "a.txt").write_text("x\ny\n")
    assert list(contamination.task_texts(tmp_path / "a.txt")) == ["x", "y"]
    (tmp_path / "b.jsonl").write_text('{"query": 7}\n')
    with pytest.raises(
        ConfigError,
        match=rf"^{tmp_path}/b\.jsonl:1: expected a task with one of instruction, question, description, query, prompt, problem$",
    ):
        list(contamination.task_texts(tmp_path / "b.jsonl"))


def task(id, instruction):
    return Task(id=id, environment="db", instruction=instruction, spec={}, goal={})


def curated(folder, *samples):
    folder.mkdir()
    (folder / "train.jsonl").write_text("".join(s.model_dump_json() + "\n" for s in samples))
    return folder


def test_tasks_that_were_trained_on_are_named_by_id_or_instruction(tmp_path):
    said = chats.sample(
        "x", message("user", f"Rules.\n\n{TASK.upper()}\n\nGo."), message("assistant", "ok", train=True)
    )
    data = curated(tmp_path / "set", said, MIXED)
    other = curated(tmp_path / "other", SAMPLES[0])
    tasks = [task("t", "short"), task("u", TASK), task("v", " ".join(TASK.split()[:11])), task("w", "other words")]
    assert contamination.trained_tasks(tasks, [data, other]) == {str(data): ["t", "u"]}
    with pytest.raises(
        ConfigError,
        match=rf"^trained_on: {tmp_path}: expected a curated set \(train\.jsonl\) or a run \(tasks\.jsonl\)$",
    ):
        contamination.trained_tasks(tasks, [tmp_path])


def test_an_instruction_of_eight_paragraphs_is_found_and_of_nine_not(tmp_path):
    for count, found in ((8, True), (9, False)):
        text = "\n\n".join(f"part {n} of it" for n in range(count))
        folder = curated(
            tmp_path / str(count),
            chats.sample("x", message("user", f"{text}\n\nend"), message("assistant", "a", train=True)),
        )
        assert bool(contamination.trained_tasks([task("u", text)], [folder])) is found


def test_a_curated_set_counts_and_reads_its_lines(tmp_path):
    folder = curated(tmp_path / "set", MIXED, SAMPLES[0])
    (folder / "validation.jsonl").write_text("\n \n")
    data = dataset.CuratedSet(folder)
    assert (data.name, data.splits, data.count("train"), data.count("validation")) == ("set", ("train",), 2, 0)
    assert [s.id for s in data.samples("train")] == ["mixed", "plain"] and list(data.samples("validation")) == []
    before = data.digest()
    (folder / "validation.jsonl").write_text(MIXED.model_dump_json() + "\n\n")
    assert (
        data.splits == ("train", "validation")
        and data.count("validation") == 1
        and data.digest() != before
        and len(before) == 64
    )
    (folder / "train.jsonl").write_text(MIXED.model_dump_json() + '\n{"id": 7}\n')
    with pytest.raises(ConfigError, match=rf"^{folder}/train\.jsonl:2: expected a Sample"):
        list(data.samples("train"))
    (folder / "train.jsonl").write_text("\n")
    with pytest.raises(ConfigError, match=rf"^{folder}/train\.jsonl: the set is empty; expected one sample a line$"):
        dataset.CuratedSet(folder)
    with pytest.raises(
        ConfigError, match=rf"^{tmp_path}: no curated set here; expected a folder with train\.jsonl in it$"
    ):
        dataset.CuratedSet(tmp_path)


def test_records_are_read_up_to_a_limit_and_bad_ones_counted(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text("".join(f'{{"n": {n}}}\n' for n in range(3)) + "{\n" * 12 + '{"n": 3}\n')
    ref = records.DatasetRef(path=str(path))
    unread = records.UnreadRecords()
    assert (
        [r.value["n"] for r in records.records(ref, unread)] == [0, 1, 2, 3]
        and unread.count == 12
        and len(unread.examples) == 10
    )
    assert [r.where for r in records.records(ref.model_copy(update={"limit": 2}))] == [f"{path}:1", f"{path}:2"]
    with pytest.raises(Unreadable):
        list(records.records(ref))
    path.write_text("{\n")
    with pytest.raises(ConfigError, match=rf"^none of its records can be read: {path}:1"):
        list(records.records(ref, records.UnreadRecords()))
    path.write_text("7\n")
    with pytest.raises(ConfigError, match=rf"^{path}:1: expected a JSON object, got int: 7$"):
        list(records.records(ref))
    with pytest.raises(ConfigError, match=rf"^{path}x: no such file$"):
        list(records.records(records.DatasetRef(path=f"{path}x")))
    assert (ref.name, records.DatasetRef(dataset="a/b").name) == (str(path), "a/b")
    for wrong in ({}, {"path": "a", "dataset": "b"}):
        with pytest.raises(ConfigError, match="expected either a path or a dataset"):
            read(records.DatasetRef, wrong, "")


def test_a_dataset_of_the_hub_is_read_row_by_row(monkeypatch):
    asked = []

    def load_dataset(name, split, streaming):
        asked.append((name, split, streaming))
        if name == "no":
            raise ValueError("there is none")
        return [{"n": 1}, {"n": 2}]

    monkeypatch.setitem(sys.modules, "datasets", SimpleNamespace(load_dataset=load_dataset))
    ref = records.DatasetRef(dataset="a/b", split="test")
    assert [tuple(r) for r in records.records(ref)] == [
        ("a/b: row 0", {"n": 1}),
        ("a/b: row 1", {"n": 2}),
    ] and asked == [("a/b", "test", True)]
    with pytest.raises(ConfigError, match=r"^dataset no: cannot be loaded: there is none$"):
        list(records.records(records.DatasetRef(dataset="no")))
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(ConfigError, match=r"^dataset a/b: pip install 'simenv\[train\]'$"):
        list(records.records(ref))


@pytest.fixture
def template(monkeypatch):
    monkeypatch.setattr(masks, "load", lambda name, calls: Words())


def test_an_export_leaves_out_what_has_no_exact_loss_or_ends_over_it(tmp_path, template):
    said = chats.sample("bad", message("user", "u"), message("assistant", "a<e>b", train=True))
    folder = curated(tmp_path / "set", said, SAMPLES[0])
    seen = []
    done = export(Export(data=str(folder), to="openai", model="m"), lambda s: seen.append(s.id))
    assert (done.folder, done.lines, done.left_out, done.checked, seen) == (
        folder / "export" / "openai",
        {"train": 1},
        {"no exact loss: special token in text": 1},
        "",
        ["bad", "plain"],
    )
    with pytest.raises(
        ConfigError, match=rf"^{folder}: sample 'bad': message 2 \(assistant\) holds the special token '<e>' as text$"
    ):
        export(Export(data=str(folder), to="openai", model="m", strict=True))
    bad = curated(tmp_path / "bad", said)
    with pytest.raises(
        ConfigError, match=rf"^{bad}: no sample is left to export: {{'no exact loss: special token in text': 1}}$"
    ):
        export(Export(data=str(bad), to="openai", model="m"))
    assert not (bad / "export" / "openai").exists()


def test_an_export_for_axolotl_holds_its_yaml(tmp_path, template, monkeypatch):
    folder = curated(tmp_path / "set", *chats.SAMPLES[:2])
    (folder / "validation.jsonl").write_text(SAMPLES[0].model_dump_json() + "\n")
    done = export(
        Export(data=str(folder), model="a/b", out=str(tmp_path / "out"), output="./m", check=False, device="cpu")
    )
    assert (done.folder, done.lines, done.checked) == (tmp_path / "out", {"train": 2, "validation": 1}, "not asked for")
    assert sorted(os.listdir(done.folder)) == [
        ".export",
        "axolotl.yaml",
        "manifest.json",
        "train.jsonl",
        "validation.jsonl",
    ]
    text = (done.folder / "axolotl.yaml").read_text()
    assert (
        text.startswith("base_model: a/b\n")
        and "output_dir: ./m\n" in text
        and "test_datasets:\n" in text
        and "- <e>\n" in text
    )
    monkeypatch.setenv("SIMENV_CACHE", str(tmp_path))
    assert export(Export(data=str(folder), model="a/b", device="cpu")).checked.startswith(
        "axolotl is not installed: the YAML was not checked; "
    )
    with pytest.raises(
        ConfigError, match=r"^model: axolotl's YAML needs the base model; for example model=Qwen/Qwen2\.5-7B-Instruct$"
    ):
        export(Export(data=str(folder)))


def test_the_command_tells_lines_and_what_is_left_out(tmp_path, template, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "300")
    said = chats.sample("bad", message("user", "u"), message("assistant", "a<e>b", train=True))
    folder = curated(tmp_path / "set", said, SAMPLES[0])
    assert main(["export", str(folder), "to=axolotl", "model=a/b", "check=false", "device=cpu"]) == 0
    out = capsys.readouterr()
    assert (
        f"{folder}/export/axolotl: 1 train; 1 left out (no exact loss: special token in text)\nnot asked for\n"
        in out.out + out.err
    )
    assert main(["export", "to=dpo", "span=turn"]) == 2 and "expected the folder of a run" in capsys.readouterr().err


if __name__ == "__main__":
    write_pinned(SETS, PINNED)
