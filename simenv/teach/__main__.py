"""`python -m simenv.teach` is `simenv teach`."""

from __future__ import annotations

import sys

from simenv.teach.cli import teach

if __name__ == "__main__":
    sys.exit(teach(sys.argv[1:]))
