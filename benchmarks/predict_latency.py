"""From the end of a stroke to new probabilities on screen: `python -m benchmarks.predict_latency [--json]`.

The canvas waits 200 ms after a stroke before it sends the drawing, and then the server is asked and the page redrawn.
So the Predict page is measured beside an empty page with the same canvas, in turns, in the same browser; the difference
is what reading a digit and showing all there is to see of it takes.
"""

import argparse
import json
import random
import statistics
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.medians import summary
from tests.harness import BROWSER_OPTIONS, chromium, serve, wait_idle

STROKES = 3  # of a drawing; the first one on a page just opened is told apart
SEED = 7
LIMIT = 30_000  # ms

# Notes when a stroke ends, and the first frame in which what is shown is another than before.
WATCH = """
window.__shown = () => null;
window.addEventListener('pointerup', () => {
  Object.assign(window, { __up: performance.now(), __before: window.__shown(), __new: 0 });
}, true);
(function look() {
  if (window.__up && !window.__new) {
    const now = window.__shown();
    if (now !== null && now !== window.__before) window.__new = performance.now();
  }
  requestAnimationFrame(look);
})();
"""
PROBABILITIES = "() => { window.__shown = () => document.querySelector('.bars')?.innerHTML ?? null }"
INK = "() => { window.__shown = () => document.querySelector('#ink')?.textContent ?? null }"


@dataclass(frozen=True)
class Place:
    """A page with a canvas."""

    page: Page
    url: str
    shown: str  # tells the watch where to look


def open_place(place: Place, *, idle: bool = True) -> None:
    """Args: idle: wait until everything is there, and not only the canvas."""
    place.page.goto(place.url)
    place.page.locator("canvas.upper-canvas").wait_for()
    if idle:
        wait_idle(place.page)
    place.page.evaluate(place.shown)


def stroke(place: Place, rng: random.Random) -> float:
    """Draw one, and wait for what it brings. Returns: milliseconds from its end."""
    box = place.page.locator("canvas.upper-canvas").bounding_box()
    assert box is not None
    points = [(box["x"] + rng.uniform(40, 240), box["y"] + rng.uniform(40, 240)) for _ in range(3)]
    mouse = place.page.mouse
    mouse.move(*points[0])
    mouse.down()
    for point in points[1:]:
        mouse.move(*point, steps=8)
    place.page.evaluate("window.__up = 0")
    mouse.up()
    place.page.wait_for_function("window.__new > 0", timeout=LIMIT, polling=100)
    milliseconds = float(place.page.evaluate("window.__new - window.__up"))
    wait_idle(place.page)
    place.page.wait_for_timeout(300)  # a person looks before the next stroke
    return milliseconds


def measure(drawings: int) -> dict[str, Any]:
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        ours, bare = Path(folder) / "ours", Path(folder) / "bare"
        ours.mkdir()
        bare.mkdir()
        browser = playwright.chromium.launch(executable_path=chromium(), args=BROWSER_OPTIONS)
        with serve(ours) as app, serve(bare, entry="benchmarks/bare_canvas.py") as rival:
            result = compare(
                {
                    "predict_page": Place(new_page(browser), f"{app.url}/predict", PROBABILITIES),
                    "bare_canvas": Place(new_page(browser), rival.url, INK),
                },
                drawings,
            )
        browser.close()
    return result


def compare(places: dict[str, Place], drawings: int) -> dict[str, Any]:
    """Draw on each in turns, after one drawing that does not count."""
    first: dict[str, list[float]] = {name: [] for name in places}
    later: dict[str, list[float]] = {name: [] for name in places}
    for drawing in range(drawings + 1):
        for name, place in places.items():
            rng = random.Random(f"{SEED} {drawing}")
            open_place(place)
            times = [stroke(place, rng) for _ in range(STROKES)]
            if drawing:
                first[name].append(times[0])
                later[name] += times[1:]
    ours, bare = (statistics.median(later[name]) for name in ("predict_page", "bare_canvas"))
    return {
        "stroke_to_screen_ms": {name: summary(values) for name, values in later.items()},
        "first_stroke_ms": {name: summary(values) for name, values in first.items()},
        "beyond_the_canvas_ms": ours - bare,
    }


def new_page(browser: Browser) -> Page:
    """A tab in a profile of its own, that watches for what follows a stroke."""
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    page.add_init_script(WATCH)
    return page


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.predict_latency", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--drawings", type=int, default=20, help=f"on each page, of {STROKES} strokes each")
    options = parser.parse_args()
    result = measure(options.drawings)
    if options.json:
        print(json.dumps(result))
        return
    for title, key in (("stroke after stroke", "stroke_to_screen_ms"), ("first stroke of a visit", "first_stroke_ms")):
        for name, times in result[key].items():
            print(
                f"{title:<24} {name:<13} {{median:.0f}} ms ({{least:.0f}} to {{most:.0f}}), n = {{n}}".format(**times)
            )
    print(f"beyond the canvas        {result['beyond_the_canvas_ms']:.0f} ms")


if __name__ == "__main__":
    main()
