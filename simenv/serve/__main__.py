"""`python -m simenv.serve` is `simenv serve`."""

from __future__ import annotations

import sys

from simenv.serve.cli import serve

if __name__ == "__main__":
    sys.exit(serve(sys.argv[1:]))
