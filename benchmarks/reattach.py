"""How soon a page has its run back: `python -m benchmarks.reattach [--rounds 5] [--json]`.

A training is started from the command line. Its curve, up to now, is waited for in a tab that stands on Train with
nothing to show (there from the run's first step on), after a reload, in a new tab, after a switch of pages, and in a
new tab of a server that has just been started. Beside it, while the same training runs: a new tab of a page of
Streamlit with nothing but a title, and its reload.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page, sync_playwright

from benchmarks.dashboard import WARM_SECONDS, new_folder
from benchmarks.medians import load, said, summary
from benchmarks.seen import CURVE, own_browser, seen_at
from benchmarks.speed import machine_line
from benchmarks.startup import BARE
from mnist_core.runs.history import FILE
from tests.harness import REPOSITORY, serve

ROUNDS, VISITS = 5, 3
SETTLE_SECONDS = 2.0  # between two measurements, so that none pays for what the one before it left to do
SETTINGS = ("--data", "digits", "--epochs", "1000", "--batch-size", "32")  # minutes, with a point every millisecond
BEGUN, RELOAD, TAB, SWITCH = "a run begins elsewhere", "reload", "new tab", "switch of pages"
RESTARTED = "new tab, server just started"
BARE_RELOAD, BARE_TAB = "reload of a bare Streamlit page", "new tab of a bare Streamlit page"
TITLE = "() => document.querySelector('h1')"
EMPTY = "() => document.querySelector('.st-key-empty_loss .pv-plot[data-ready]')"


def measure(rounds: int) -> dict[str, Any]:
    result = {"machine": machine_line("cpu"), "load_before": load()}
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as name:
        done = []
        for number in range(rounds):
            context = own_browser(playwright, new_folder(name, f"profile-{number}"))
            done.append(_one_round(context, new_folder(name, f"app-{number}"), new_folder(name, f"bare-{number}")))
            context.close()
    return {**result, "seconds": {what: summary([one[what] for one in done]) for what in done[0]}}


def _one_round(context: BrowserContext, folder: Path, bare_folder: Path) -> dict[str, float]:
    seconds = {}
    with serve(folder) as server, serve(bare_folder, entry=BARE) as bare:
        time.sleep(WARM_SECONDS)
        for _ in range(VISITS):  # a browser that knows the app has compiled its scripts
            _new_tab(context, f"{server.url}/train", EMPTY, settle=0.0)
        page = context.new_page()
        page.goto(f"{server.url}/train")
        seen_at(page, EMPTY)
        with _training(server.checkpoints) as run:
            seconds[BEGUN] = seen_at(page, CURVE) - _first_step_time(run)
            seconds[RELOAD] = _reload(page, CURVE)
            seconds[TAB] = _new_tab(context, f"{server.url}/train", CURVE)
            page.get_by_test_id("stTopNavLink").filter(has_text="Evaluate").click()
            page.get_by_role("heading", name="Evaluate").wait_for()
            time.sleep(SETTLE_SECONDS)
            begin = time.time()
            page.get_by_test_id("stTopNavLink").filter(has_text="Train").click()
            seconds[SWITCH] = seen_at(page, CURVE) - begin
            page.goto(bare.url)  # from now on its files are in the browser's cache, as the app's are
            seen_at(page, TITLE)
            seconds[BARE_RELOAD] = _reload(page, TITLE)
            seconds[BARE_TAB] = _new_tab(context, bare.url, TITLE)
    with _training(server.checkpoints), serve(folder) as server:
        seconds[RESTARTED] = _new_tab(context, f"{server.url}/train", CURVE, settle=0.0)
    return seconds


@contextmanager
def _training(checkpoints: Path) -> Iterator[Path]:
    """The folder of a run from the command line, that has begun its history."""
    before = set(checkpoints.iterdir())
    command = [sys.executable, "-m", "mnist_core", "train", *SETTINGS]
    env = {**os.environ, "MNIST_CHECKPOINTS": str(checkpoints)}
    process = subprocess.Popen(command, cwd=REPOSITORY, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while not (begun := [new for new in set(checkpoints.iterdir()) - before if (new / FILE).exists()]):
            assert process.poll() is None, "the training ended before it began"
            time.sleep(0.01)
        yield begun[0]
    finally:
        process.terminate()
        process.wait()


def _first_step_time(run: Path) -> float:
    """Seconds since 1970, as the history has it."""
    with (run / FILE).open() as lines:
        return next(float(event["time"]) for event in map(json.loads, lines) if event["event"] == "step")


def _reload(page: Page, what: str) -> float:
    time.sleep(SETTLE_SECONDS)
    begin = time.time()
    page.reload(wait_until="commit")
    return seen_at(page, what) - begin


def _new_tab(context: BrowserContext, url: str, what: str, *, settle: float = SETTLE_SECONDS) -> float:
    page = context.new_page()
    time.sleep(settle)
    begin = time.time()
    page.goto(url, wait_until="commit")
    seconds = seen_at(page, what) - begin
    page.close()
    return seconds


def text_of(result: dict[str, Any]) -> str:
    lines = [f"{result['machine']}, load {result['load_before']}", ""]
    return "\n".join([*lines, *(f"{what:<34} {said(seconds)}" for what, seconds in result["seconds"].items())])


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reattach", description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    options = parser.parse_args()
    result = measure(options.rounds)
    print(json.dumps(result) if options.json else text_of(result))


if __name__ == "__main__":
    main()
