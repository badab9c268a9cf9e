"""What watching costs a training: `python -m benchmarks.watchers [--watchers 0,1,20] [--browser] [--busy] [--json]`.

One MLP and one CNN are trained on MNIST with no app running, and beside the app with nobody, one and twenty watching,
in turn, several rounds. Speed is images by seconds of training, as the run's own history has it. Watchers are websocket
sessions that speak Streamlit's protocol and the charts' feed (`benchmarks.sessions`): they sit at other machines, so
drawing is not measured, though what they do to take in the messages is; `--browser` adds one real Chromium page on this
machine, which draws. Each watcher must have seen the run live and to its last step. `--busy` does all of it once more
while another program keeps one core busy; what is lost then is also against the command line alone on a quiet machine.

Delay: whenever a page got newer curves, how long the oldest of the points that came with them had existed.
"""

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import async_playwright

from benchmarks.dashboard import WARM_SECONDS
from benchmarks.processes import cpu_seconds, give_same_priority
from benchmarks.sessions import Session, session
from benchmarks.waiting import busy_core
from mnist_core.datasets import registry
from mnist_core.machine import worker_environment
from mnist_core.networks.config import ModelConfig
from mnist_core.runs import store
from mnist_core.runs.history import FILE
from mnist_core.runs.run import Run
from mnist_core.runs.status import read_history
from mnist_core.training.config import TrainConfig
from tests.harness import BROWSER_OPTIONS, Server, chromium, serve

ROUNDS = 5
POLL_SECONDS = 0.5
PLANS = {
    "mlp": (ModelConfig("mlp"), TrainConfig(epochs=12, batch_size=512)),
    "cnn": (ModelConfig("cnn"), TrainConfig(epochs=2, batch_size=512)),
}
ALONE, CHROMIUM = "command line alone", "one Chromium page"
BUSY = ", one core busy"


def measure(watchers: Sequence[int], rounds: int, *, browser: bool, busy: bool) -> dict[str, Any]:
    """Every way of being watched in every round, so that what else the machine does falls on all alike."""
    ways = [ALONE, *(f"{number} watching" for number in watchers), *([CHROMIUM] if browser else [])]
    ways += [way + BUSY for way in ways] if busy else []
    measured: dict[str, dict[str, list[dict[str, float]]]] = {plan: {way: [] for way in ways} for plan in PLANS}
    load = os.getloadavg()[0]
    for number in range(rounds):
        for way in ways if number % 2 == 0 else ways[::-1]:
            for plan in PLANS:
                with busy_core() if way.endswith(BUSY) else nullcontext():
                    measured[plan][way].append(_train_once(plan, way.removesuffix(BUSY)))
    return {
        "cores": os.cpu_count(),
        "load_before": load,
        "rounds": rounds,
        "speeds": {
            plan: {way: _summary(done, by_way[ALONE]) for way, done in by_way.items()}
            for plan, by_way in measured.items()
        },
    }


def _train_once(plan: str, way: str) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        folder = Path(name)
        patch.setenv("MNIST_CHECKPOINTS", str(folder / "checkpoints"))
        model, config = PLANS[plan]
        with nullcontext() if way == ALONE else serve(folder) as server:
            return asyncio.run(_watch(store.create_run(registry.load("mnist"), model, config), way, server))


async def _watch(run: Run, way: str, server: Server | None) -> dict[str, float]:
    """Open the pages, then train; what the training's own clock and each page's messages say."""
    async with AsyncExitStack() as pages:
        sessions: list[Session] = []
        if server and way == CHROMIUM:
            await pages.enter_async_context(_chromium_page(f"{server.url}/train?run={run.run_id}"))
        elif server:
            query = f"run={run.run_id}"
            count = int(way.split()[0])
            sessions = [await pages.enter_async_context(session(server.url, "train", query)) for _ in range(count)]
        if server:
            await asyncio.sleep(WARM_SECONDS)  # it imports what it will need
        before = cpu_seconds(server.pid) if server else 0.0
        await _train(run)
        used = cpu_seconds(server.pid) - before if server else 0.0
        await asyncio.sleep(2 * POLL_SECONDS)  # the last points are on their way
    history = read_history(run)
    speed = sum(history.step_images) / history.elapsed_seconds
    threads = {"threads": run.threads, "seconds": history.elapsed_seconds}
    return {"images_per_second": speed, "server_cpu_seconds": used, **threads, **_seen(run, sessions)}


async def _train(run: Run) -> None:
    """Train in a process of its own, as the command line and the app do."""
    command = [sys.executable, "-m", "mnist_core.workers.trainer", str(run.folder)]
    process = subprocess.Popen(command, env=worker_environment(), start_new_session=True)
    give_same_priority(process.pid)
    while process.poll() is None:
        await asyncio.sleep(POLL_SECONDS)
    assert process.returncode == 0


@asynccontextmanager
async def _chromium_page(url: str) -> AsyncIterator[None]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=BROWSER_OPTIONS)
        page = await browser.new_page(viewport={"width": 1280, "height": 900})
        await page.goto(url)
        await page.wait_for_selector(".st-key-live_loss .pv-plot[data-ready]")
        yield
        await page.get_by_text("Done in").wait_for()
        await browser.close()


def _seen(run: Run, sessions: Sequence[Session]) -> dict[str, float]:
    """What the watchers got to see, the one that saw least counted.

    Raises:
        AssertionError: if one of them did not see the last step.
    """
    if not sessions:
        return {}
    lines = (run.folder / FILE).read_text().splitlines()
    made = {event["step"]: event["time"] for event in map(json.loads, lines) if event["event"] == "step"}
    delays = []
    for watcher in sessions:
        assert watcher.seen, "a watcher saw nothing"
        assert watcher.seen[-1].step == max(made), "a watcher missed the end"
        oldest = [1, *(seen.step + 1 for seen in watcher.seen)]
        delays += [seen.at - made[first] for first, seen in zip(oldest, watcher.seen, strict=False)]
    return {
        "updates": min(len(watcher.seen) for watcher in sessions),
        "delay_median": statistics.median(delays),
        "delay_most": max(delays),
    }


def _summary(done: list[dict[str, float]], alone: list[dict[str, float]]) -> dict[str, Any]:
    """Medians with their range; the share of speed that is lost, from each round beside the same round alone."""
    speeds = [one["images_per_second"] for one in done]
    lost = [1 - one["images_per_second"] / other["images_per_second"] for one, other in zip(done, alone, strict=True)]
    seen: dict[str, float] = {
        name: (min if name == "updates" else max)(one[name] for one in done)
        for name in ("updates", "delay_median", "delay_most")
        if name in done[0]
    }
    return {
        "images_per_second": _range(speeds),
        "lost_percent": _range([100 * share for share in lost]),
        "seconds": statistics.median(one["seconds"] for one in done),
        "threads": done[0]["threads"],
        "server_cpu_seconds": statistics.median(one["server_cpu_seconds"] for one in done),
        **seen,
    }


def _range(values: list[float]) -> dict[str, float]:
    return {"median": statistics.median(values), "least": min(values), "most": max(values)}


def _line(way: str, row: dict[str, Any]) -> str:
    speed, lost = row["images_per_second"], row["lost_percent"]
    shown = (
        f"  {way:<34} {speed['median']:>9,.0f} ({speed['least']:,.0f} to {speed['most']:,.0f}) images/s"
        f"   lost {lost['median']:5.1f} % ({lost['least']:.1f} to {lost['most']:.1f})"
        f"   server {row['server_cpu_seconds']:.2f} s of {row['seconds']:.1f} s"
    )
    if "updates" in row:
        shown += (
            f"   {row['updates']} updates or more, delay {row['delay_median']:.2f} s, at most {row['delay_most']:.2f} s"
        )
    return shown


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--watchers", default="0,1,20", help="how many, each way: 0,1,20")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--browser", action="store_true", help="also one real Chromium page, on this machine")
    parser.add_argument("--busy", action="store_true", help="also while another program keeps one core busy")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    options = parser.parse_args()
    watchers = [int(n) for n in options.watchers.split(",")]
    result = measure(watchers, options.rounds, browser=options.browser, busy=options.busy)
    if options.json:
        print(json.dumps(result))
        return
    print(f"{result['cores']} cores, load before {result['load_before']:.1f}, {result['rounds']} rounds")
    for plan, rows in result["speeds"].items():
        print(f"{plan}, {next(iter(rows.values()))['threads']} threads")
        for way, row in rows.items():
            print(_line(way, row))


if __name__ == "__main__":
    main()
