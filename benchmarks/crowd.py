"""Fifty people watch a training for ten minutes: `python -m benchmarks.crowd [--watchers N] [--minutes M] [--json]`.

An MLP is trained on MNIST beside the app, while so many pages show it: websocket sessions that speak Streamlit's
protocol and the charts' feed (`benchmarks.sessions`), at other machines as it were. After the minutes it is stopped.
Each page must by then have seen the last step; and the server's memory and log should be what they were when all pages
were open: what grows with every minute watched would end a server that stands for weeks.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from benchmarks.medians import load
from benchmarks.processes import cpu_seconds, give_same_priority, memory_bytes
from benchmarks.sessions import Session, session
from benchmarks.speed import machine_line
from mnist_core.datasets import registry
from mnist_core.networks.config import ModelConfig
from mnist_core.runs import store
from mnist_core.runs.run import Run
from mnist_core.runs.status import read_history
from mnist_core.training.config import TrainConfig
from mnist_core.workers import control
from tests.harness import Server, serve

WATCHERS, MINUTES = 50, 10.0
WARM_SECONDS = 15.0  # in which a fresh server imports what it will need
SETTLE_SECONDS = 20.0  # of training, until all that is kept of a run has been made once
LAST_STEP_SECONDS = 30.0  # after the end, for the page that is slowest
STOP_SECONDS = 60.0


def measure(watchers: int, minutes: float, *, dataset: str = "mnist", settle: float = SETTLE_SECONDS) -> dict[str, Any]:
    with (
        tempfile.TemporaryDirectory() as name,
        pytest.MonkeyPatch.context() as patch,
        serve(Path(name)) as server,
    ):
        patch.setenv("MNIST_CHECKPOINTS", str(server.checkpoints))
        config = TrainConfig(epochs=1000, batch_size=512)
        run = store.create_run(registry.load(dataset), ModelConfig("mlp"), config)
        return asyncio.run(_watch(run, server, watchers, 60 * minutes, settle))


async def _watch(run: Run, server: Server, watchers: int, seconds: float, settle: float) -> dict[str, Any]:
    before = load()
    await asyncio.sleep(min(WARM_SECONDS, settle))
    empty = _footprint(server)
    async with AsyncExitStack() as pages:
        query = f"run={run.run_id}"
        sessions = [await pages.enter_async_context(session(server.url, "train", query)) for _ in range(watchers)]
        control.start_process(run.folder)
        give_same_priority(control._children[-1].pid)
        while not read_history(run).step:
            assert control._children[-1].poll() is None, "the training did not begin"
            await asyncio.sleep(0.1)
        await asyncio.sleep(settle)
        opened, used = _footprint(server), cpu_seconds(server.pid)
        await asyncio.sleep(seconds)
        watched, used = _footprint(server), cpu_seconds(server.pid) - used
        await asyncio.to_thread(control.stop, run, wait_seconds=STOP_SECONDS)
        last = read_history(run).step[-1]
        saw_last = await _saw(sessions, last)
    await asyncio.sleep(1.0)  # until the last has been heard to go
    return {
        "machine": machine_line("cpu"),
        "load_before": before,
        "watchers": watchers,
        "seconds": seconds,
        "steps": last,
        "saw_last_step": saw_last,
        "updates_least": min(len(one.seen) for one in sessions),
        "server_cpu_seconds": used,
        "footprint": {"nobody": empty, "all open": opened, "watched": watched, "gone": _footprint(server)},
        "complaints": server.bad_lines(),
        "held": saw_last == watchers and not server.bad_lines(),
    }


async def _saw(sessions: Sequence[Session], last: int) -> int:
    """How many have seen the last step, once all have or a while has passed."""
    deadline = time.monotonic() + LAST_STEP_SECONDS
    while True:
        saw = sum(bool(one.seen) and one.seen[-1].step == last for one in sessions)
        if saw == len(sessions) or time.monotonic() > deadline:
            return saw
        await asyncio.sleep(0.1)


def _footprint(server: Server) -> dict[str, int]:
    return {"memory_bytes": memory_bytes(server.pid), "log_bytes": server.log.stat().st_size}


def text_of(result: dict[str, Any]) -> str:
    lines = [
        f"{result['machine']}, load {result['load_before']} before",
        f"{result['watchers']} pages watched {result['steps']:,} steps for {result['seconds'] / 60:.1f} minutes: "
        f"{result['saw_last_step']} saw the last one; {result['updates_least']:,} updates or more each; "
        f"the server took {result['server_cpu_seconds']:.1f} s of a processor",
    ]
    for when, found in result["footprint"].items():
        memory, log = found["memory_bytes"] / 1e6, found["log_bytes"]
        lines.append(f"{when:>10}: memory of the server {memory:7.1f} MB, its log {log:,} bytes")
    return "\n".join([*lines, *result["complaints"], "held" if result["held"] else "NOT HELD"])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--watchers", type=int, default=WATCHERS)
    parser.add_argument("--minutes", type=float, default=MINUTES)
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    options = parser.parse_args()
    result = measure(options.watchers, options.minutes)
    print(json.dumps(result) if options.json else text_of(result))
    return 0 if result["held"] else 1


if __name__ == "__main__":
    sys.exit(main())
