"""The README's pictures, taken from the real app: `python -m benchmarks.pictures`. Needs MNIST and Chromium.

Trains a short run, examines and draws with a shipped model, and saves what a person would see to `docs/`.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, sync_playwright

from mnist_core.runs.run import shipped_ids
from tests.harness import BROWSER_OPTIONS, Server, chromium, picture, serve, wait_idle

Scheme = Literal["light", "dark"]

DOCS = Path(__file__).resolve().parents[1] / "docs"
SEVEN = ((70, 70), (205, 66), (150, 140), (118, 225))
BAR = ((105, 150), (185, 143))


def open_page(browser: Browser, server: Server, path: str, scheme: Scheme = "light") -> Page:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, color_scheme=scheme, device_scale_factor=1.5)
    page = context.new_page()
    page.goto(server.url + path)
    wait_idle(page)
    return page


def train(browser: Browser, server: Server) -> None:
    page = open_page(browser, server, "/train")
    page.locator(".st-key-start_run button").click()
    page.get_by_text("Epoch 3 of 4").wait_for(timeout=180_000)
    picture(page, DOCS / "train.png")
    page.get_by_text("Done in").wait_for(timeout=300_000)


def evaluate(browser: Browser, server: Server) -> None:
    mlp = next(run_id for run_id in shipped_ids() if "-mlp-" in run_id)
    page = open_page(browser, server, f"/evaluate?run={mlp}&cell=9-4")
    page.locator(".st-key-confusion .pv-plot[data-ready]").wait_for(timeout=120_000)
    page.locator(".digits figure").first.wait_for()
    page.get_by_test_id("stSkeleton").first.wait_for(state="detached")  # of the table
    picture(page, DOCS / "evaluate.png")


def draw(page: Page, strokes: Sequence[Sequence[tuple[int, int]]]) -> None:
    page.locator("canvas").last.scroll_into_view_if_needed()
    box = page.locator("canvas").last.bounding_box()
    assert box is not None
    for (x, y), *rest in strokes:
        page.mouse.move(box["x"] + x, box["y"] + y)
        page.mouse.down()
        for x_next, y_next in rest:
            page.mouse.move(box["x"] + x_next, box["y"] + y_next, steps=12)
        page.mouse.up()


def predict(browser: Browser, server: Server, scheme: Scheme, name: str) -> None:
    page = open_page(browser, server, "/predict", scheme)
    draw(page, (SEVEN, BAR))
    page.locator(".answer").wait_for(timeout=60_000)
    page.locator(".bars").wait_for()
    page.mouse.move(5, 400)  # off the canvas, whose own tools appear under the pointer
    page.wait_for_timeout(1000)
    picture(page, DOCS / name)


def compare(browser: Browser, server: Server) -> None:
    page = open_page(browser, server, f"/runs?runs={'.'.join(shipped_ids())}")
    page.locator(".st-key-compare .pv-plot[data-ready]").wait_for()
    picture(page, DOCS / "runs.png")


def go_back(browser: Browser, server: Server) -> None:
    """A run that kept its epochs, at the second, with a drawing."""
    subprocess.run(
        [sys.executable, "-m", "mnist_core", "train", "--keep-epochs", "--name", "Six", "--epochs", "6", "--json"],
        env={**os.environ, "MNIST_CHECKPOINTS": str(server.checkpoints)}, check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    page = open_page(browser, server, "/epochs?epoch=2")
    draw(page, (SEVEN, BAR))
    page.locator(".bars").wait_for(timeout=60_000)
    page.mouse.move(5, 400)
    page.wait_for_timeout(1000)
    picture(page, DOCS / "epochs.png")


def main() -> None:
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=chromium(), args=BROWSER_OPTIONS)
        with serve(Path(folder)) as server:
            train(browser, server)
            evaluate(browser, server)
            predict(browser, server, "light", "predict.png")
            predict(browser, server, "dark", "dark.png")
            compare(browser, server)
            go_back(browser, server)
        browser.close()


if __name__ == "__main__":
    main()
