"""`python -m simenv.list` is `simenv list`."""

from __future__ import annotations

import sys

from simenv.__main__ import main

if __name__ == "__main__":
    sys.exit(main(["list", *sys.argv[1:]]))
