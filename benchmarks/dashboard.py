"""How quick the pages are, in a real browser: `python -m benchmarks.dashboard [--json]`.

Starts the app several times and measures what a person waits for: the first page on screen, the first point of a
curve after the click on Start, and whether charts flicker while a training is watched (remounts and empty frames,
counted in the browser at every animation frame).
"""

import argparse
import json
import tempfile
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from benchmarks.medians import said, summary
from tests.harness import BROWSER_OPTIONS, IDLE, chromium, serve

STARTS = 5
CLICKS = 5
WARM_SECONDS = 8.0  # the launcher has imported torch by then

# Counts, at every frame: plots that are another element than before, and plots without a curve.
WATCH = """() => {
  const seen = {frames: 0, remounts: 0, empty: 0, first: 0, plots: new Map()};
  window.__seen = seen;
  const look = () => {
    seen.frames++;
    document.querySelectorAll('.st-key-live_loss, .st-key-live_accuracy').forEach(box => {
      const name = [...box.classList].find(c => c.startsWith('st-key-live'));
      const plot = box.querySelector('.pv-plot');
      const svg = box.querySelector('.pv[data-by=server] .pv-drawn .chart, .pv[data-by=plotly] .main-svg');
      const before = seen.plots.get(name);
      if (before && before !== plot) seen.remounts++;
      if (before && !svg) seen.empty++;
      if (svg) seen.plots.set(name, plot);
      if (!seen.first && name.endsWith('loss')) {
        const curves = box.querySelectorAll('.pv-drawn .curve, .scatterlayer .js-line');
        if ([...curves].some(p => (p.getAttribute('d') || '').length > 12)) seen.first = performance.now();
      }
    });
    requestAnimationFrame(look);
  };
  look();
}"""


def first_page_seconds(browser: Any, folder: Path, *, entry: str = "streamlit_app.py") -> float:
    """From the command to the first page's title on screen, on a fresh server with a cold browser profile."""
    begin = time.perf_counter()
    with serve(folder, entry=entry) as server:
        page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        page.goto(server.url)
        page.wait_for_selector("h1")
        seconds = time.perf_counter() - begin
        page.wait_for_selector(IDLE)
        page.context.close()
    return seconds


def watch_training(page: Page, url: str) -> dict[str, float]:
    """Start a training by a click on a page that has drawn all it shows, and watch it to its end."""
    page.goto(f"{url}/train")
    page.wait_for_selector(IDLE)
    page.wait_for_selector(".st-key-start_run button")
    page.wait_for_selector(".st-key-empty_accuracy .pv-plot[data-ready]")
    page.evaluate(WATCH)
    begin = page.evaluate("performance.now()")
    page.click(".st-key-start_run button")
    page.wait_for_function("window.__seen.first > 0", timeout=60_000)
    first = (page.evaluate("window.__seen.first") - begin) / 1000
    page.get_by_text("Done in").wait_for(timeout=300_000)
    seen = page.evaluate("({...window.__seen, plots: undefined})")
    return {"first_point": first, **{name: seen[name] for name in ("frames", "remounts", "empty")}}


def watch_on_fresh_server(browser: Any, folder: Path, *, warm_seconds: float = WARM_SECONDS) -> dict[str, float]:
    """Nothing has been trained on this server before, so the first point on screen is the new run's."""
    with serve(folder) as server:
        time.sleep(warm_seconds)
        page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        seen = watch_training(page, server.url)
        page.context.close()
    return seen


def measure() -> dict[str, Any]:
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=chromium(), args=BROWSER_OPTIONS)
        starts = [first_page_seconds(browser, new_folder(folder, f"start-{n}")) for n in range(STARTS)]
        watched = [watch_on_fresh_server(browser, new_folder(folder, f"watched-{n}")) for n in range(CLICKS)]
        browser.close()
    return {
        "first_page_seconds": summary(starts),
        "click_to_first_point_seconds": summary([w["first_point"] for w in watched]),
        "frames_watched": sum(w["frames"] for w in watched),
        "chart_remounts": sum(w["remounts"] for w in watched),
        "empty_frames": sum(w["empty"] for w in watched),
    }


def new_folder(parent: str, name: str) -> Path:
    folder = Path(parent) / name
    folder.mkdir()
    return folder


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    options = parser.parse_args()
    result = measure()
    if options.json:
        print(json.dumps(result))
        return
    for name, value in result.items():
        shown = said(value) if isinstance(value, dict) else value
        print(f"{name:<30} {shown}")


if __name__ == "__main__":
    main()
