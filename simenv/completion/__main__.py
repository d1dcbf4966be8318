"""`python -m simenv.completion` is `simenv completion`."""

from __future__ import annotations

import sys

from simenv.__main__ import main

if __name__ == "__main__":
    sys.exit(main(["completion", *sys.argv[1:]]))
