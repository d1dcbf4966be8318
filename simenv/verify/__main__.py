"""`python -m simenv.verify` is `simenv verify`."""

from __future__ import annotations

import sys

from simenv.__main__ import main

if __name__ == "__main__":
    sys.exit(main(["verify", *sys.argv[1:]]))
