"""The Time machine in a real browser: playing moves everything without a flicker. What the slider moves is seen without
a browser in tests/pages/test_epochs.py."""

import re

import pytest
from harness import Server, wait_idle
from playwright.sync_api import Page, expect
from small_runs import copy_run

from mnist_core.runs.run import Run

SEVEN = [(60, 60), (215, 60), (120, 235)]
WATCH = """() => {
  window.gaps = [], window.shown = [], window.tops = new Set();
  const plot = document.querySelector('.st-key-epochs_matrix .pv-plot');
  const frame = () => {
    const pictures = [...document.querySelectorAll('.weights img')];
    if (!pictures.length || !pictures.every(one => one.complete && one.naturalWidth)) window.gaps.push('weights');
    if (!document.querySelector('.answer')) window.gaps.push('answer');
    if (document.querySelector('.st-key-epochs_matrix .pv-plot') !== plot) window.gaps.push('matrix');
    window.tops.add(plot.getBoundingClientRect().top);
    const said = document.querySelector('.weights')?.getAttribute('aria-label');
    if (said && said !== window.shown.at(-1)) window.shown.push(said);
    requestAnimationFrame(frame);
  };
  frame();
}"""


@pytest.fixture
def run(app: Server, kept_run: Run) -> Run:
    """A run among the app's whose epochs are kept."""
    return copy_run(kept_run, app.checkpoints)


def open_with_a_drawing(page: Page, server: Server, address: str) -> None:
    page.set_viewport_size({"width": 1280, "height": 500})  # the drawing is further down
    page.goto(f"{server.url}/epochs{address}")
    page.locator(".st-key-epochs_matrix .pv-plot[data-ready]").wait_for()
    page.locator("canvas").last.wait_for()
    wait_idle(page)
    pad = page.locator("canvas").last
    pad.hover()  # which waits until it has scrolled into view and stands still
    box = pad.bounding_box()
    assert box is not None
    (x, y), *rest = SEVEN
    page.mouse.move(box["x"] + x, box["y"] + y)
    page.mouse.down()
    for x_next, y_next in rest:
        page.mouse.move(box["x"] + x_next, box["y"] + y_next, steps=6)
    page.mouse.up()
    page.locator(".answer").wait_for()
    wait_idle(page)


def test_playing_shows_every_epoch_and_ends_with_the_last_without_a_gap(app: Server, run: Run, page: Page) -> None:
    open_with_a_drawing(page, app, f"?run={run.run_id}&epoch=1")
    place = page.evaluate("document.querySelector('[data-testid=stMain]').scrollTop")
    assert place > 0
    page.evaluate(WATCH)
    expect(page.get_by_role("button", name="Play")).to_be_in_viewport()  # it stays in sight below the page's head
    page.get_by_role("button", name="Play").click()
    expect(page.locator(".weights")).to_have_attribute("aria-label", re.compile(f"after epoch {run.epochs}"))
    said = [int(text.rstrip(".").split()[-1]) for text in page.evaluate("window.shown")]
    assert said == list(range(1, run.epochs + 1))
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    expect(page).to_have_url(re.compile(rf"epoch={run.epochs}$"))
    assert page.evaluate("window.gaps") == []
    assert page.evaluate("window.tops.size") == 1  # nothing jumped, at no frame
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollTop") == place
