"""`python -m simenv.teach` is `simenv teach`."""

from __future__ import annotations

import sys

from simenv.__main__ import main

if __name__ == "__main__":
    sys.exit(main(["teach", *sys.argv[1:]]))
