"""`python -m simenv.knowledge` is `simenv knowledge`."""

from __future__ import annotations

import sys

from simenv.__main__ import main

if __name__ == "__main__":
    sys.exit(main(["knowledge", *sys.argv[1:]]))
