"""`python -m simenv.comparison` is `simenv comparison`."""

from __future__ import annotations

import sys

from simenv.__main__ import main

if __name__ == "__main__":
    sys.exit(main(["comparison", *sys.argv[1:]]))
