"""`python -m simenv.curate` is `simenv curate`."""

from __future__ import annotations

import sys

from simenv.__main__ import main

if __name__ == "__main__":
    sys.exit(main(["curate", *sys.argv[1:]]))
