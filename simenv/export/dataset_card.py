"""The README.md by which the package `datasets` knows the types of an export's columns, whatever stands in the first rows."""

from __future__ import annotations

from collections.abc import Sequence

import yaml


def card(chats: Sequence[str], texts: Sequence[str], splits: Sequence[str]) -> str:
    """The card of files SPLIT.jsonl with columns of messages, each message any JSON, and of text. `datasets` 4.7 reads it."""
    features = [*({"name": name, "list": "json"} for name in chats), *({"name": n, "dtype": "string"} for n in texts)]
    files = [{"split": split, "path": f"{split}.jsonl"} for split in splits]
    head = {"configs": [{"config_name": "default", "data_files": files}], "dataset_info": {"features": features}}
    return f"---\n{yaml.safe_dump(head, sort_keys=False)}---\n"
