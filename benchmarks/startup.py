"""What a person waits for on a cold app: `python -m benchmarks.startup [--json]`.

`streamlit run` to the first page, beside a bare Streamlit app that imports no torch; the first click on Start to the
first point on screen, and the first drawing to its answer, each as soon as the page is there and once the app is warm.
Every measurement has a fresh server and a fresh browser profile, and all take turns. Then imports by module.
"""

import argparse
import json
import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from benchmarks.dashboard import WARM_SECONDS, first_page_seconds, new_folder, watch_on_fresh_server
from benchmarks.imports import measure_imports
from benchmarks.medians import load, said, summary
from benchmarks.predict_latency import PROBABILITIES, SEED, Place, new_page, open_place, stroke
from benchmarks.speed import machine_line
from tests.harness import BROWSER_OPTIONS, chromium, serve

STARTS = 5
BARE = "benchmarks/bare_app.py"

Seconds = Callable[[Browser, Path], float]
WAITS: dict[str, Seconds] = {
    "first page": first_page_seconds,
    "first page, bare Streamlit": lambda browser, folder: first_page_seconds(browser, folder, entry=BARE),
    "click to first point, at once": lambda browser, folder: first_point_seconds(browser, folder, 0.0),
    "click to first point, warm": lambda browser, folder: first_point_seconds(browser, folder, WARM_SECONDS),
    "drawing to answer, at once": lambda browser, folder: first_answer_seconds(browser, folder, 0.0),
    "drawing to answer, warm": lambda browser, folder: first_answer_seconds(browser, folder, WARM_SECONDS),
}


def first_point_seconds(browser: Browser, folder: Path, warm_seconds: float) -> float:
    return watch_on_fresh_server(browser, folder, warm_seconds=warm_seconds)["first_point"]


def first_answer_seconds(browser: Browser, folder: Path, warm_seconds: float) -> float:
    """From the end of the first stroke ever drawn on this server to the first frame with probabilities.

    On a cold app it is drawn as soon as there is a canvas, while what else the page shows is still being made.
    """
    with serve(folder) as server:
        time.sleep(warm_seconds)
        place = Place(new_page(browser), f"{server.url}/predict", PROBABILITIES)
        open_place(place, idle=warm_seconds > 0)
        seconds = stroke(place, random.Random(SEED)) / 1000
        place.page.context.close()
    return seconds


def measure(starts: int, imports: int) -> dict[str, Any]:
    result: dict[str, Any] = {"machine": machine_line("cpu"), "load_before": load()}
    seconds: dict[str, list[float]] = {name: [] for name in WAITS}
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=chromium(), args=BROWSER_OPTIONS)
        for turn in range(starts):
            for number, (name, wait) in enumerate(WAITS.items()):
                seconds[name].append(wait(browser, new_folder(folder, f"{turn}-{number}")))
        browser.close()
    result["seconds"] = {name: summary(values) for name, values in seconds.items()}
    result["imports"] = measure_imports(imports)
    return result


def text_of(result: dict[str, Any]) -> str:
    lines = [f"{result['machine']}, load {result['load_before']}", ""]
    lines += [f"{name:<30} {said(seconds)}" for name, seconds in result["seconds"].items()]
    for name, imported in result["imports"].items():
        lines += ["", f"imports of the {name}: {said(imported['seconds'])}; each without what it imports in turn"]
        lines += [f"  {module:<34} {said(seconds, 'ms', 0)}" for module, seconds in imported["longest"].items()]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.startup", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--starts", type=int, default=STARTS, help="of the app, for each wait")
    parser.add_argument("--imports", type=int, default=STARTS, help="starts of Python, for each list of imports")
    options = parser.parse_args()
    result = measure(options.starts, options.imports)
    print(json.dumps(result) if options.json else text_of(result))


if __name__ == "__main__":
    main()
