"""`python -m simenv.rl` is `simenv rl`."""

from __future__ import annotations

import sys

from simenv.__main__ import main

if __name__ == "__main__":
    sys.exit(main(["rl", *sys.argv[1:]]))
