"""A long history opened and watched: `python -m benchmarks.long_history [--steps 100000] [--json]`.

Opens the run's page in Chromium by a click within the app, on a server that has never read it and then once more, and
in a new tab, and waits for the curve; the same for a run of a hundred steps says what is not the history's doing. Then
twenty steps are appended every tenth of a second for a while, and the browser's frames and the server's processor are
watched.
"""

import argparse
import json
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Playwright, sync_playwright

from benchmarks.long_run import append_steps, write_long_run
from benchmarks.processes import cpu_seconds
from benchmarks.seen import CURVE, own_browser, seen_at
from mnist_core.runs.history import FILE, HistoryReader, HistoryWriter
from mnist_core.runs.lock import hold
from mnist_core.runs.run import LOCK_FILE, Run
from tests.harness import IDLE, Server, serve

SHORT, STEPS = 100, 100_000
GROWTH_SECONDS, A_BEAT, BEAT_SECONDS = 15.0, 20, 0.1
WARM_SECONDS, CLICKS, TABS = 8.0, 4, 3
WHOLE = ".st-key-live_loss .pv-plot[data-ready]"
FRAMES = """() => {
  const seen = { gaps: [], tasks: [], steps: new Set() };
  window.__seen = seen;
  new PerformanceObserver(list => list.getEntries().forEach(task => seen.tasks.push(task.duration)))
    .observe({ entryTypes: ['longtask'] });
  let before = performance.now();
  (function look(now) {
    if (now > before) seen.gaps.push(now - before);
    before = now ?? before;
    seen.steps.add(document.querySelector('.st-key-live_loss .pv-drawn .chart')?.dataset.step);
    requestAnimationFrame(look);
  })();
}"""


def measure(steps: int) -> dict[str, Any]:
    with sync_playwright() as playwright:
        return {f"{number} steps": _measure_one(playwright, number) for number in (SHORT, steps)}


def _measure_one(playwright: Playwright, steps: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        folder = Path(name)
        patch.setenv("MNIST_CHECKPOINTS", str(folder / "checkpoints"))
        run = write_long_run(steps, planned=steps + 20_000, end=None)
        begin = time.perf_counter()
        HistoryReader(run.folder / FILE).read()
        parsed = time.perf_counter() - begin
        with serve(folder) as server, hold(run.folder / LOCK_FILE):
            time.sleep(WARM_SECONDS)
            context = own_browser(playwright, folder / "profile")
            clicks = _click(context, server.url)
            tabs = [_open(context, f"{server.url}/train?run={run.run_id}") for _ in range(TABS)]
            grown = _grow(context, server, run, steps)
            context.close()
    return {"parse": parsed, "first_click": clicks[0], "later_clicks": clicks[1:], "new_tabs": tabs, **grown}


def _click(context: BrowserContext, url: str) -> list[float]:
    """Seconds from a click on Train to the curve, each time from another page. The first is of a page without charts,
    that has to fetch the charts' library, too, and of a server that has to read the whole history."""
    page = context.new_page()
    page.goto(f"{url}/predict")
    page.wait_for_selector(IDLE)
    seconds = []
    for _ in range(CLICKS):
        begin = time.time()
        page.get_by_test_id("stTopNavLink").filter(has_text="Train").click()
        seconds.append(seen_at(page, CURVE) - begin)
        page.wait_for_selector(WHOLE)
        page.get_by_test_id("stTopNavLink").filter(has_text="Evaluate").click()
        page.wait_for_selector(WHOLE, state="detached")
        page.wait_for_selector(IDLE)
    page.close()
    return seconds


def _open(context: BrowserContext, url: str) -> float:
    page = context.new_page()
    begin = time.time()
    page.goto(url, wait_until="commit")
    seconds = seen_at(page, CURVE) - begin
    page.close()
    return seconds


def _grow(context: BrowserContext, server: Server, run: Run, steps: int) -> dict[str, Any]:
    page = context.new_page()
    page.goto(f"{server.url}/train?run={run.run_id}")
    page.wait_for_selector(WHOLE)
    page.wait_for_timeout(2000)
    page.evaluate(FRAMES)
    before = cpu_seconds(server.pid)
    writing = threading.Thread(target=_append, args=(run, steps))
    writing.start()
    page.wait_for_timeout(1000 * GROWTH_SECONDS)
    seen = page.evaluate("({...window.__seen, steps: window.__seen.steps.size})")
    used = cpu_seconds(server.pid) - before
    writing.join()
    gaps = sorted(seen["gaps"])
    return {
        "updates_a_second": seen["steps"] / GROWTH_SECONDS,
        "frame_gap_milliseconds": {
            "median": gaps[len(gaps) // 2],
            "99 %": gaps[int(0.99 * len(gaps))],
            "longest": gaps[-1],
        },
        "long_tasks": len(seen["tasks"]),
        "longest_task_milliseconds": max(seen["tasks"], default=0),
        "server_cpu_milliseconds_a_second": 1000 * used / GROWTH_SECONDS,
    }


def _append(run: Run, steps: int) -> None:
    writer = HistoryWriter(run.folder / FILE, elapsed=steps / 100)
    end = time.monotonic() + GROWTH_SECONDS
    while time.monotonic() < end:
        append_steps(writer, steps + 1, steps + A_BEAT)
        steps += A_BEAT
        time.sleep(BEAT_SECONDS)
    writer.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    options = parser.parse_args()
    result = measure(options.steps)
    if options.json:
        print(json.dumps(result))
        return
    for run, figures in result.items():
        print(run)
        for name, value in figures.items():
            print(f"  {name:<36} {value}")


if __name__ == "__main__":
    main()
