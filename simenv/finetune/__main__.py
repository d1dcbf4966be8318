"""`python -m simenv.finetune` is `simenv finetune`."""

from __future__ import annotations

import sys

from simenv.finetune.cli import finetune

if __name__ == "__main__":
    sys.exit(finetune(sys.argv[1:]))
