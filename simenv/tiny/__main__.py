"""`python -m simenv.tiny` is `simenv tiny`."""

from __future__ import annotations

import sys

from simenv.tiny.cli import tiny

if __name__ == "__main__":
    sys.exit(tiny(sys.argv[1:]))
