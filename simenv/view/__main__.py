"""`python -m simenv.view` is `simenv view`."""

from __future__ import annotations

import sys

from simenv.__main__ import main

if __name__ == "__main__":
    sys.exit(main(["view", *sys.argv[1:]]))
