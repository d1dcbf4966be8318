"""`python -m simenv.new` is `simenv new`."""

from __future__ import annotations

import sys

from simenv.__main__ import main

if __name__ == "__main__":
    sys.exit(main(["new", *sys.argv[1:]]))
