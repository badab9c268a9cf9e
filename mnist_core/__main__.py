"""The command line: `python -m mnist_core VERB`; `--help` lists the verbs.

It calls the same functions as the pages. With `--json`, standard output is exactly one JSON document. The exit status
is 0, or 2 with one sentence on standard error for anything that the user can put right; `repeat` exits with 1 if
the result is not identical.
"""

import argparse
import io
import os
import sys

from mnist_core import machine
from mnist_core.cli import data, read, runs, train
from mnist_core.errors import MnistError


def main(arguments: list[str] | None = None) -> int:
    machine.set_openmp_wait_policy(os.environ)  # no verb has imported torch yet
    if isinstance(sys.stdout, io.TextIOWrapper):  # a file's name need be no text
        sys.stdout.reconfigure(errors="backslashreplace")
    options = _parser().parse_args(arguments)
    try:
        return options.command(options) or 0
    except MnistError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # `... | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m mnist_core", description="Handwritten digits: train, evaluate, predict."
    )
    verbs = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for group in (train, read, runs, data):
        group.add_verbs(verbs)
    return parser


if __name__ == "__main__":
    sys.exit(main())
