from pathlib import Path

ROOT = Path(__file__).parents[1]
"""The checkout."""
DATA = ROOT.parent / "shared" / "data"
"""Real data beside the checkout; tests that read it skip where it is not there."""
