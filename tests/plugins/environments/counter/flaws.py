"""How a counter may be misread."""

from __future__ import annotations

from numpy.random import Generator

from simenv.compare import Flaws, Prediction, Transition
from simenv.types import Flaw, Observation


class CounterFlaws(Flaws):
    def vary(self, scene: Transition, rng: Generator) -> Observation:
        if scene.truth.invalid:
            return scene.truth.model_copy(update={"text": "That amount cannot be added."})
        return scene.truth.model_copy(update={"text": f"the  counter shows {scene.after['value']}"})

    def corrupt(self, error: Flaw, scene: Transition, rng: Generator) -> Prediction | None:
        truth, value = scene.truth, scene.after["value"]
        if error == "out_of_character":
            return Prediction(observation=Observation(text="Thank you! Is there anything else I can do?"))
        if truth.invalid:
            made_up = Observation(text=f"The counter shows {value}.")
            return Prediction(observation=made_up) if error == "accepted_malformed" else None
        if error == "forgot_change":
            before = scene.before
            return None if before == scene.after else Prediction(observation=truth, state=before)
        texts = {
            "wrong_result": f"The counter shows {value + 100 + int(rng.integers(9))}.",
            "format": "{'value': 'unknown'}",
        }
        if error == "refused_valid":
            return Prediction(observation=Observation(text="No.", invalid=True))
        return Prediction(observation=Observation(text=texts[error])) if error in texts else None
