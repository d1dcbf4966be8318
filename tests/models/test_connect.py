"""Models by name: what exists, what an option may be, what is missing, and that keys do not slip out with an error."""

import subprocess
import sys
import traceback

import pytest

from simenv.errors import ConfigError
from simenv.models import connect
from simenv.models.budget import Budget

SECRET = "-".join(["sk", "secret"])


def test_an_unknown_client_gets_the_nearest_spelling():
    with pytest.raises(ConfigError, match=r"unknown model client 'opneai'.*did you mean 'openai'"):
        connect("opneai")


def test_an_unknown_option_gets_the_nearest_spelling_and_its_value_is_not_repeated():
    with pytest.raises(ConfigError, match=r"unknown option 'api_key'.*did you mean 'api_key_env'") as refused:
        connect("openai", {"model": "m", "api_key": SECRET})
    assert SECRET not in "".join(traceback.format_exception(refused.value))


def test_a_key_in_place_of_its_variables_name_is_refused_without_repeating_it():
    with pytest.raises(ConfigError, match="not the key itself") as refused:
        connect("openai", {"model": "m", "api_key_env": SECRET})
    assert SECRET not in "".join(traceback.format_exception(refused.value))


def test_a_bad_value_is_named_with_its_place():
    with pytest.raises(ConfigError, match=r"model openai\.temperature: .*greater than or equal to 0 \(got -1\)"):
        connect("openai", {"model": "m", "temperature": -1})


def test_a_missing_package_is_an_error_that_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "anthropic", None)
    monkeypatch.delitem(sys.modules, "simenv.models.clients.anthropic", raising=False)
    with pytest.raises(ConfigError, match=r"pip install 'anthropic>=2,<3'"):
        connect("anthropic", {"model": "m"})


def test_a_client_of_ones_own_is_found_by_its_dotted_path():
    assert type(connect("simenv.models.clients.scripted", {"replies": ["a"]})).__name__ == "Scripted"
    with pytest.raises(ConfigError, match=r"no module mine"):
        connect("mine.model")


def test_a_budget_without_a_price_is_refused_and_one_can_be_given(tmp_path):
    local = {"model": "mine", "base_url": "http://127.0.0.1:1/v1"}
    with pytest.raises(ConfigError, match="usd_per_million_in"):
        connect("openai", local, budget=1.0)
    connect("openai", local | {"usd_per_million_in": 0, "usd_per_million_out": 0}, budget=1.0)
    table = tmp_path / "prices.yaml"
    table.write_text("mine: {input: 1, output: 2}\n")
    model = connect("openai", local | {"prices": str(table)}, budget=Budget(1.0))
    assert model.price.output == 2
    table.with_name("bad.yaml").write_text("mine: {inptu: 1}\n")
    with pytest.raises(ConfigError, match=r"bad\.yaml: mine\.input"):
        connect("openai", local | {"prices": str(tmp_path / "bad.yaml")})


def test_naming_models_imports_no_sdk():
    code = (
        "import sys, simenv.models; print(sorted({'openai', 'anthropic', 'torch', 'transformers'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
