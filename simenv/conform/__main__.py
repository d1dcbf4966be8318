"""`python -m simenv.conform` is `simenv conform`."""

from __future__ import annotations

import sys

from simenv.__main__ import main

if __name__ == "__main__":
    sys.exit(main(["conform", *sys.argv[1:]]))
