"""What reloads leave behind: `python -m benchmarks.reloads [--reloads 1000] [--json]`.

Opens the page of one run again and again, each time as a new session that goes when the page is there (as a reload
does), and reads the server's memory after 100 of them and after all. Streamlit itself keeps the last 128 sessions for
two minutes, for pages that lost their connection.
"""

import argparse
import asyncio
import json
import tempfile
from pathlib import Path
from typing import Any

import pytest

from benchmarks.long_run import write_long_run
from benchmarks.processes import memory_bytes
from benchmarks.sessions import session
from tests.harness import serve

RELOADS, FIRST, STEPS = 1000, 100, 5000
WARM_SECONDS = 10.0  # torch and the data set are in memory by then, and do not count as left behind


def measure(reloads: int) -> dict[str, Any]:
    """Memory in MB after how many reloads."""
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        folder = Path(name)
        patch.setenv("MNIST_CHECKPOINTS", str(folder / "checkpoints"))
        with serve(folder) as server:
            run = write_long_run(STEPS)
            memory = asyncio.run(_reload(server.url, f"run={run.run_id}", server.pid, reloads))
    growth = memory[reloads] / memory[min(FIRST, reloads)] - 1
    return {"megabytes_after": memory, "growth_percent": 100 * growth}


async def _reload(url: str, query: str, pid: int, reloads: int) -> dict[int, float]:
    await asyncio.sleep(WARM_SECONDS)
    memory = {}
    for number in range(1, reloads + 1):
        async with session(url, "train", query):
            pass
        if number % FIRST == 0 or number in (1, reloads):
            memory[number] = memory_bytes(pid) / 1e6
    return memory


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reloads", type=int, default=RELOADS)
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    options = parser.parse_args()
    result = measure(options.reloads)
    if options.json:
        print(json.dumps(result))
        return
    for number, megabytes in result["megabytes_after"].items():
        print(f"after {number:>5} reloads {megabytes:7.1f} MB")
    print(f"from the first {FIRST} to the last: {result['growth_percent']:+.1f} %")


if __name__ == "__main__":
    main()
