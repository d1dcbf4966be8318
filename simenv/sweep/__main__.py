"""`python -m simenv.sweep` is `simenv sweep`."""

from __future__ import annotations

import sys

from simenv.sweep.cli import sweep

if __name__ == "__main__":
    sys.exit(sweep(sys.argv[1:]))
