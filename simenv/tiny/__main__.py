"""`python -m simenv.tiny` is `simenv tiny`."""

from __future__ import annotations

import sys

from simenv.__main__ import main

if __name__ == "__main__":
    sys.exit(main(["tiny", *sys.argv[1:]]))
