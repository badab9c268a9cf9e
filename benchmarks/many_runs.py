"""How long lists of many runs take, from ten to ten thousand: part of `python -m benchmarks.scale`.

All is the server's own time: core functions called, and page scripts run to their end as Streamlit runs them, without a
browser. Each number of runs is measured in a process of its own: `python -m benchmarks.many_runs FOLDER`.
"""

import argparse
import json
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.contestant import peak_megabytes
from benchmarks.quiet import without_a_browser
from mnist_core import paths
from mnist_core.runs import store
from mnist_core.runs.history import FILE
from mnist_core.runs.run import LOCK_FILE, RUN_FILE, Run

ROUTER = paths.APP_FOLDER / "pages" / "_router.py"
LIMIT_SECONDS = 600.0  # of one run of a page's script


def write_runs(like: Run, count: int, folder: Path) -> None:
    """So many finished runs in `folder`, each with a `run.json` of its own; what is large is one file on the disk."""
    text = (like.folder / RUN_FILE).read_text(encoding="utf8")
    for number in range(count):
        run_id = run_id_of(number)
        copy = folder / run_id
        copy.mkdir(parents=True)
        values = {**json.loads(text), "run_id": run_id, "name": f"run {number}"}
        values["train"] = {**values["train"], "seed": number}
        (copy / RUN_FILE).write_text(json.dumps(values), encoding="utf8")
        shutil.copyfile(like.folder / FILE, copy / FILE)
        for path in like.folder.iterdir():
            if not (copy / path.name).exists() and path.name != LOCK_FILE:
                os.link(path, copy / path.name)
        (copy / LOCK_FILE).touch()  # as a worker leaves it


def run_id_of(number: int) -> str:
    return f"20260101-{number:06d}-mlp-many"


def measure_lists(folder: Path) -> dict[str, Any]:
    """Seconds of each thing, the first time and again."""
    os.environ["MNIST_CHECKPOINTS"] = str(folder)
    without_a_browser()
    from pages.components.runs.runs_rows import rows_of

    known = store.list_runs()
    newest = known[0].run_id
    ways: dict[str, Callable[[], object]] = {
        "list": store.list_runs,
        "find one by its id": lambda: store.find_run(newest),
        "rows of the table": lambda: rows_of([run for run in known if isinstance(run, Run)]),
        "page Runs": lambda: run_page("runs"),
        "page Train, newest run": lambda: run_page("train", run=newest),
    }
    seconds = {name: [_seconds(way) for _ in range(3)] for name, way in ways.items()}
    return {
        "runs": len(known),
        "first_seconds": {name: values[0] for name, values in seconds.items()},
        "again_seconds": {name: min(values[1:]) for name, values in seconds.items()},
        "peak_megabytes": peak_megabytes(),
    }


def run_page(page: str, **address: str) -> None:
    """Run a page's script once, as for a visitor who has just come."""
    from streamlit.testing.v1 import AppTest

    at = AppTest.from_file(str(ROUTER), default_timeout=LIMIT_SECONDS)
    at.switch_page(f"{page}.py")
    for name, value in address.items():
        at.query_params[name] = value
    at.run()
    assert not at.exception, at.exception


def _seconds(way: Callable[[], object]) -> float:
    begin = time.perf_counter()
    way()
    return time.perf_counter() - begin


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.many_runs", description=__doc__)
    parser.add_argument("folder", type=Path, help="holds the runs")
    print(json.dumps(measure_lists(parser.parse_args().folder)))


if __name__ == "__main__":
    main()
