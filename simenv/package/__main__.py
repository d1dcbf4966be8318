"""`python -m simenv.package` is `simenv package`."""

from __future__ import annotations

import sys

from simenv.__main__ import main

if __name__ == "__main__":
    sys.exit(main(["package", *sys.argv[1:]]))
