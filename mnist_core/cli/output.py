"""What every verb prints: one JSON document, or text for people; and progress bars."""

import json
from argparse import Namespace
from typing import Any


def print_result(options: Namespace, values: Any, text: str) -> None:
    print(json.dumps(values, allow_nan=False) if options.json else text)


def show_progress(bar: Any, done: int, total: int) -> None:
    """Move a `tqdm` bar to where things stand."""
    bar.total = total
    bar.update(done - bar.n)
