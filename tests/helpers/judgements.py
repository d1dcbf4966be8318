"""What holds of a judgement on any text."""

from simenv.types import Observation


def is_well_judged(comparison, scene, text):
    """A judgement is complete, the same a second time, and right on the engine's own words."""
    judgement = comparison.observation(scene, Observation(text=text))
    assert judgement == comparison.observation(scene, Observation(text=text))
    assert judgement.label in ("match", "drift", "unverifiable")
    assert bool(judgement.error) == (judgement.label == "drift")
    assert bool(judgement.reason) == (judgement.label != "match")
    assert comparison.observation(scene, scene.truth).label == "match"
    if not text.strip() and scene.truth.text.strip():
        assert judgement.label != "match"
