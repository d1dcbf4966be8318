"""`python -m simenv.instruct` is `simenv instruct`."""

from __future__ import annotations

import sys

from simenv.__main__ import main

if __name__ == "__main__":
    sys.exit(main(["instruct", *sys.argv[1:]]))
