"""Who plays an episode: what fits together, and what is said where it does not."""

import pytest

from simenv.config import Experiment
from simenv.errors import ConfigError
from simenv.simulate.prompted import CUT
from simenv.simulate.setup import SimulationSetup


def setup(**given):
    return SimulationSetup.of(Experiment.model_validate({"environments": ["household"]} | given))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"policy": "flag"}, "policy=flag, but mode=engine"),
        ({"policy": "flag", "mode": "simulated", "simulator": "flawed"}, "policy=flag, but mode=simulated"),
        ({"simulator": "flawed"}, "simulator=flawed, but mode=engine"),
        ({"mode": "checked"}, "mode=checked needs a simulator"),
        ({"mode": "simulated"}, "mode=simulated needs a simulator"),
    ],
)
def test_what_does_not_fit_is_refused(given, said):
    with pytest.raises(ConfigError, match=said):
        setup(**given)


def test_what_fits_is_what_was_asked_for():
    assert setup() is None
    checked = setup(mode="checked", simulator={"name": "flawed", "rate": 0.5}, policy="flag", resamples=2)
    assert (checked.checked, checked.policy, checked.resamples, checked.options.rate) == (True, "flag", 2, 0.5)
    played = setup(mode="simulated", simulator="flawed")
    assert (played.checked, played.policy, played.model) == (False, "correct", None)


def test_an_environment_without_an_engine_cannot_be_checked():
    actor = type("Actor", (), {"setting": type("Setting", (), {"name": "library"})})()
    checked = setup(mode="checked", simulator="flawed")
    with pytest.raises(ConfigError, match="library has no engine to check against"):
        checked.world(actor, None)


@pytest.mark.parametrize(("longer", "is_cut"), [(0, False), (1, True)])
def test_the_ground_is_cut_where_it_is_too_long(longer, is_cut):
    from simenv.simulate.prompted import PromptedSimulator

    class Setting:
        ground = None
        premises = staticmethod(lambda spec, state: {})

    text = "x" * 300
    fake = type("Fake", (), {})()
    fake.setting, fake.options = Setting(), type("O", (), {"context_chars": 300 - longer})()
    import simenv.simulate.prompted as module

    before, module.render = module.render, lambda *given, **more: text
    try:
        context = type("Context", (), {"spec": {}, "state": {}})()
        told = PromptedSimulator.ground(fake, context)
    finally:
        module.render = before
    assert told == (text[:-1] + CUT if is_cut else text)
