"""`python -m simenv.export` is `simenv export`."""

from __future__ import annotations

import sys

from simenv.export.cli import export

if __name__ == "__main__":
    sys.exit(export(sys.argv[1:]))
