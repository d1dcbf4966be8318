from pathlib import Path

DATA = Path(__file__).parents[2] / "shared" / "data"
"""Real data beside the checkout; tests that read it skip where it is not there."""
