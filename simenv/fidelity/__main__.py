"""`python -m simenv.fidelity` is `simenv fidelity`."""

from __future__ import annotations

import sys

from simenv.__main__ import main

if __name__ == "__main__":
    sys.exit(main(["fidelity", *sys.argv[1:]]))
