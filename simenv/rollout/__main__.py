"""`python -m simenv.rollout` is `simenv rollout`."""

from __future__ import annotations

import sys

from simenv.__main__ import main

if __name__ == "__main__":
    sys.exit(main(["rollout", *sys.argv[1:]]))
