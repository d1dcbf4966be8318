"""A tiny Llama made on the spot, with random weights: batching, sampling, endings, limits. Slow to import."""

import asyncio
import json
import shutil
from importlib.util import find_spec

import pytest

from simenv.errors import ConfigError, ContextLimit
from simenv.fidelity.cli import fidelity
from simenv.model import Request
from simenv.models import connect
from simenv.rollout.cli import rollout
from simenv.runs.store import Run
from simenv.teach.cli import teach
from simenv.types import Call, Message
from tests.helpers.model_server import serve

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        any(find_spec(name) is None for name in ("torch", "transformers")),
        reason="pip install torch==2.13.0 && pip install transformers peft",
    ),
]

TEMPLATE = (
    "{% if tools %}<tools>{{ tools | tojson }}</tools>{% endif %}"
    "{% for m in messages %}<s>{{ m.role }}: {{ m.content }}"
    "{% for c in m.tool_calls or [] %}<tool_call>{{ c.function.arguments | tojson }}</tool_call>{% endfor %}</s>"
    "{% endfor %}{% if add_generation_prompt %}<s>assistant: {% endif %}"
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    import torch
    from tokenizers import ByteLevelBPETokenizer
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    path = tmp_path_factory.mktemp("llama")
    bpe = ByteLevelBPETokenizer()
    bpe.train_from_iterator(["a door, a key, the red house and the cup"] * 20, 300, special_tokens=["<s>", "</s>"])
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=bpe._tokenizer, bos_token="<s>", eos_token="</s>")
    tokenizer.chat_template = TEMPLATE
    tokenizer.save_pretrained(path)
    torch.manual_seed(0)
    shape = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4}
    ids = {"bos_token_id": tokenizer.bos_token_id, "eos_token_id": tokenizer.eos_token_id}
    config = LlamaConfig(vocab_size=len(tokenizer), max_position_embeddings=256, initializer_range=0.5, **shape, **ids)
    LlamaForCausalLM(config).save_pretrained(path)
    return path


def load(folder, **options):
    return connect("transformers", {"model": str(folder), "device": "cpu", "max_tokens": 12, "window": 0.1} | options)


def ask(text, **settings):
    return Request(messages=(Message(role="user", content=text),), **settings)


async def test_concurrent_calls_share_batches_and_get_what_each_would_get_alone(folder):
    model = load(folder, batch_size=8)
    requests = [ask("door " * (i % 5 + 1), temperature=float(i % 2), seed=i, max_tokens=4 + i) for i in range(20)]
    together = await asyncio.gather(*(model.complete(r) for r in requests))
    assert model.counts["batches"] <= 4
    alone = [await model.complete(r) for r in requests]
    assert together == alone
    assert all(r.usage.output_tokens <= 4 + i for i, r in enumerate(together))
    assert len({r.text for r in together}) > 10
    await model.close()


async def test_a_seed_decides_a_sample_and_samples_differ(folder):
    model = load(folder, temperature=1.0, top_p=0.9)
    same = [await model.complete(ask("key", seed=1)) for _ in range(2)]
    other = [await model.complete(ask("key", seed=1, sample=s)) for s in range(6)]
    assert same[0] == same[1] == other[0]
    assert len({r.text for r in other}) > 3
    await model.close()


async def test_tokens_are_counted_exactly_and_the_bound_ends_an_answer(folder):
    model = load(folder)
    reply = await model.complete(ask("the red house"))
    prompt = model.tokenizer.apply_chat_template(
        [{"role": "user", "content": "the red house"}], tokenize=False, add_generation_prompt=True
    )
    assert reply.usage.input_tokens == len(model.tokenizer(prompt, add_special_tokens=False)["input_ids"])
    assert (reply.finish, reply.usage.output_tokens) == ("length", 12) or reply.finish == "stop"
    await model.close()


async def test_a_stop_string_ends_an_answer_and_is_not_part_of_it(folder):
    model = load(folder, temperature=1.0)
    full = await model.complete(ask("cup"))
    stop = full.text[3:5]
    short = await model.complete(ask("cup", stop=(stop,)))
    assert short.text == full.text[: full.text.index(stop)]
    assert short.finish == "stop"
    assert short.usage.output_tokens < full.usage.output_tokens
    await model.close()


async def test_a_prompt_that_does_not_fit_is_a_context_limit(folder):
    model = load(folder)
    with pytest.raises(ContextLimit, match=r"tokens of prompt and 12 for the answer exceed its 256"):
        await model.complete(ask("cup? " * 200))
    await model.close()


async def test_a_long_prompt_and_a_long_answer_do_not_share_a_batch_that_passes_the_context(folder):
    model = load(folder)
    long = ask("cup? " * 30, max_tokens=20)
    room = 256 - len(model._job(ask("door")).tokens)
    replies = await asyncio.gather(model.complete(long), model.complete(ask("door", max_tokens=room)))
    assert replies == [await model.complete(long), await model.complete(ask("door", max_tokens=room))]
    await model.close()


async def test_a_cancelled_call_leaves_the_others_their_answers(folder):
    model = load(folder)
    one, other = (asyncio.create_task(model.complete(ask(t))) for t in ("door", "key"))
    await asyncio.sleep(0.02)
    one.cancel()
    assert (await other).usage.output_tokens
    await model.close()


async def test_calls_and_tools_pass_through_the_chat_template(folder):
    model = load(folder)
    call = Call(id="a", name="open", arguments='{"what": "door"}')
    chat = (
        Message(role="user", content="go"),
        Message(role="assistant", content="", calls=(call,)),
        Message(role="tool", content="it is open", call_id="a"),
    )
    tool = {"type": "function", "function": {"name": "open", "parameters": {}}}
    prompt = model._prompt(Request(messages=chat, tools=(tool,)))
    assert '<tool_call>{"what": "door"}</tool_call>' in prompt and '"name": "open"' in prompt
    assert (await model.complete(Request(messages=chat, tools=(tool,)))).usage.calls == 1
    await model.close()


async def test_a_chat_that_has_grown_is_not_read_again_and_is_answered_as_if_it_were(folder):
    remembers, forgets = load(folder, temperature=1.0), load(folder, temperature=1.0, prefixes=0)
    chats = [[Message(role="user", content=text)] for text in ("door " * 9, "the red house " * 3, "a cup")]
    for turn in range(3):
        requests = [Request(messages=tuple(chat), seed=i, max_tokens=3 + i) for i, chat in enumerate(chats)]
        given = await asyncio.gather(*(remembers.complete(r) for r in requests))
        assert given == await asyncio.gather(*(forgets.complete(r) for r in requests))
        for chat, reply in zip(chats, given, strict=True):
            chat += [Message(role="assistant", content=reply.text), Message(role="user", content=f"key {turn}")]
    assert remembers.counts["prompt tokens reused"] > 100 and not forgets.counts["prompt tokens reused"]
    await remembers.close()
    await forgets.close()


def test_what_is_known_of_a_prompt_is_its_longest_beginning_and_the_oldest_is_given_up():
    from simenv.models.prefix_cache import Prefixes

    known = Prefixes(room=9 * 8)  # nine tokens of eight bytes
    known.keep([1, 2, 3], [])
    known.keep([1, 2, 3, 4, 5], [])  # goes on from the first, which it replaces
    known.keep([7, 8], [])
    assert known.find([1, 2, 3, 4, 9, 9])[0] == 4 and known.find([7, 8])[0] == 1 and known.find([3, 3]) == (0, [])
    known.keep([6, 6, 6, 6], [])
    assert known.find([1, 2, 3])[0] == 0 and known.find([7, 8, 9])[0] == 2


async def test_a_model_that_forgets_by_design_is_served_without(folder, tmp_path):
    from transformers import AutoTokenizer, MistralConfig, MistralForCausalLM

    tokenizer = AutoTokenizer.from_pretrained(folder)
    tokenizer.save_pretrained(tmp_path)
    shape = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4}
    config = MistralConfig(vocab_size=len(tokenizer), num_key_value_heads=4, sliding_window=8, **shape)
    MistralForCausalLM(config).save_pretrained(tmp_path)
    model = load(tmp_path, max_tokens=4)
    replies = [await model.complete(ask("door " * 20)) for _ in range(2)]
    assert replies[0] == replies[1] and not model.counts["prompt tokens reused"]
    await model.close()


async def test_an_adapter_is_put_on_top(folder, tmp_path):
    peft = pytest.importorskip("peft", reason="pip install peft")
    import torch
    from transformers import AutoModelForCausalLM

    base = AutoModelForCausalLM.from_pretrained(folder)
    lora = peft.LoraConfig(r=4, target_modules=["q_proj", "v_proj"], init_lora_weights=False, task_type="CAUSAL_LM")
    torch.manual_seed(1)
    peft.get_peft_model(base, lora).save_pretrained(tmp_path)
    plain, adapted = load(folder), load(folder, adapter=str(tmp_path))
    assert (await plain.complete(ask("door"))).text != (await adapted.complete(ask("door"))).text
    assert plain.identity != adapted.identity
    await plain.close()
    await adapted.close()


@pytest.fixture
def server(folder):
    """The model behind a socket; like small servers it forgets the beginning of what does not fit."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model, tokenizer = AutoModelForCausalLM.from_pretrained(folder), AutoTokenizer.from_pretrained(folder)

    def answer(messages, tools):
        ids = tokenizer.apply_chat_template(messages, add_generation_prompt=True, return_tensors="pt", return_dict=True)
        prompt = ids["input_ids"][:, -48:]
        made = model.generate(prompt, max_new_tokens=6, do_sample=True, pad_token_id=tokenizer.eos_token_id)
        return tokenizer.decode(made[0, prompt.shape[1] :], skip_special_tokens=True)

    with serve(answer) as running:
        yield running


def rolled(server, tmp_path, *words, status=0):
    """A run of the counter with the model behind the server somewhere in it that ends so, and its report."""
    place = f"base_url={server.openai_url}"
    told = [w.replace("SERVER", "openai").replace("PLACE", place) for w in words]
    options = ["environments=[counter]", "episodes=2", f"out={tmp_path}", "seed=3", *told]
    assert rollout(options) == status
    return json.loads((next(tmp_path.iterdir()) / "report.json").read_text()), Run(next(tmp_path.iterdir()))


SIMULATOR = ("simulator=grounded", "simulator.tries=2", "simulator.model=SERVER", "simulator.model.model=m")


def test_a_real_model_that_knows_nothing_plays_a_checked_world_politely(server, tmp_path, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    report, run = rolled(server, tmp_path, "agent.error_rate=0", "mode=checked", *SIMULATOR, "simulator.model.PLACE")
    one, checks = report["environments"]["counter"], report["environments"]["counter"]["checks"]
    assert (one["episodes"], one["errors"], one["success"]) == (2, 0, 1.0), "the engine corrects what it says"
    steps = [s for t in run.raw("trajectories") for s in t["steps"] if s["observation"].get("check")]
    assert checks["asked"] == len(steps) == checks["match"] + checks["drift"] + checks["unverifiable"] > 3
    assert checks["drift"] == checks["corrected"] == sum(checks["errors"].values()) == checks["asked"]
    assert checks["usage"]["calls"] == len(server.requests) == report["simulator_model"]["calls"] <= 2 * len(steps)


def test_a_real_model_that_knows_nothing_simulates_acts_and_teaches_politely(server, tmp_path, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    alone, _ = rolled(
        server, tmp_path / "a", "agent.error_rate=0", "mode=simulated", *SIMULATOR, "simulator.model.PLACE", status=1
    )
    assert (alone["environments"]["counter"]["errors"], alone["environments"]["counter"]["episodes"]) == (2, 0)
    acts = ("agent={name: react, max_tokens: 12}", "model=SERVER", "model.model=m", "model.PLACE")
    acting, run = rolled(server, tmp_path / "b", *acts, "mode=checked", *SIMULATOR, "simulator.model.PLACE")
    one = acting["environments"]["counter"]
    assert one["stops"] == {"too_many_invalid": 2} and one["success"] == 0
    assert one["input_tokens"] == sum(t["usage"]["input_tokens"] for t in run.raw("trajectories")) > 0
    lesson = [
        "environments=counter", "topics=[a shop]", "tasks=2", "repairs=1", "model=openai", "model.model=m",
        f"model.base_url={server.openai_url}", f"out={tmp_path / 'taught'}",
    ]  # fmt: skip
    before = len(server.requests)
    assert teach(lesson) == 0
    assert len(server.requests) - before == 4, "two assignments, each asked twice"
    measured = [
        "environments=[counter]", "episodes=1", "policies=[expert]", "simulator={name: naive, tries: 1}", "model=openai",
        "model.model=m", f"model.base_url={server.openai_url}", f"out={tmp_path / 'fidelity'}",
    ]  # fmt: skip
    assert fidelity(measured) == 0
    told = json.loads((tmp_path / "fidelity" / "fidelity" / "report.json").read_text())["ways"]
    for way in told.values():
        assert way["counter"]["all"]["asked"] == way["counter"]["all"]["drift"] == way["counter"]["usage"]["calls"] > 0


def test_a_folder_without_a_model_is_a_config_error(tmp_path):
    with pytest.raises(ConfigError, match=r"transformers\.model"):
        load(tmp_path)
    with pytest.raises(ConfigError, match=r"transformers\.model: .*nowhere: no such folder"):
        load(tmp_path / "nowhere")


def test_weights_that_are_cut_off_are_a_config_error(folder, tmp_path):
    broken = shutil.copytree(folder, tmp_path / "broken")
    whole = (broken / "model.safetensors").read_bytes()
    (broken / "model.safetensors").write_bytes(whole[:1000])
    with pytest.raises(ConfigError, match="invalid header"):
        load(broken)


@pytest.mark.parametrize("changed", [{"device": "cuda:99"}, {"device": "floppy"}, {"dtype": "float7"}])
def test_a_device_or_a_precision_that_is_not_there_is_a_config_error(folder, changed):
    with pytest.raises(ConfigError, match=next(iter(changed))):
        load(folder, **changed)


async def test_an_answer_comes_in_pieces_that_make_up_the_whole(folder):
    model = load(folder, batch_size=4)
    requests = [ask("door " * (i + 1), temperature=1.0, seed=i, max_tokens=10) for i in range(3)]
    requests.append(ask("key", temperature=1.0, seed=4, max_tokens=12, stop=("a", "e")))

    async def pieces(request):
        return [piece async for piece in model.stream(request)]

    streamed = await asyncio.gather(*map(pieces, requests))
    whole = [await model.complete(r) for r in requests]
    assert ["".join(s) for s in streamed] == [r.text for r in whole]
    assert max(len([p for p in s if p]) for s in streamed) >= 3, "not all at once"
    await model.close()
