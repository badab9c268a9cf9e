"""A run that is trained while nobody looks is found again, live and with its whole curve, wherever one comes from."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from harness import Server, serve
from playwright.sync_api import Browser, Page, WebSocket, expect

from mnist_core.datasets import registry
from mnist_core.machine import worker_environment
from mnist_core.networks.config import ModelConfig
from mnist_core.runs import store
from mnist_core.runs.run import Run
from mnist_core.runs.status import read_history
from mnist_core.training.config import TrainConfig

PLOT = ".st-key-live_loss .pv-plot[data-ready]"
STEP = f"(document.querySelector('{PLOT}')?.layout.meta.step ?? 0)"
KNOWN = f"document.querySelector('{PLOT}')._fullLayout.meta.step"  # to Plotly
POINT_AT = f"document.querySelector('{PLOT}').dispatchEvent(new PointerEvent('pointerenter'))"  # draws it whole
POINTS = f"(document.querySelector('{PLOT}')?._fullData.find(trace => trace.name === 'training').x.length ?? 0)"
# Of each whole drawing of the figure that is on screen already: how many points that had grown by since the whole
# drawing before it, and how many pixels lines, dots and names move by now.
COMPARE = r"""() => {
  const whole = Plotly.react;
  const ends = plot => {
    const of = (what, look) => [...plot.querySelectorAll(what)].map(look);
    const pair = text => text.match(/-?[\d.]+/g).slice(-2).map(Number);
    return [
      ...of('.scatterlayer .js-line', line => line.getBoundingClientRect()).map(box => [box.right, box.bottom]),
      ...of('.scatterlayer .point', dot => pair(dot.getAttribute('transform'))),
      ...of('.annotation', name => name.getBoundingClientRect()).map(box => [box.x, box.y]),
    ].flat();
  };
  window.moved = [];
  Plotly.react = async (plot, data, layout, config) => {
    const same = plot.layout.meta.step === layout.meta.step;
    const points = plot._fullData[0].x.length, before = ends(plot);
    await whole(plot, data, layout, config);
    const after = ends(plot);
    if (!same) return;
    const pixels = before.length === after.length ? before.map((at, i) => Math.abs(at - after[i])) : [Infinity];
    window.moved.push({ grown: plot._fullData[0].x.length - points, pixels: Math.max(...pixels) });
  };
}"""
LIVE_MILLISECONDS = 30_000  # a second where nothing else is done; it is the benchmark that measures it
BEGIN_SECONDS = 60


@contextmanager
def trained_from_the_command_line(checkpoints: Path) -> Iterator[Run]:
    """A run at work in a process that the app knows nothing of."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MNIST_CHECKPOINTS", str(checkpoints))
        config = TrainConfig(epochs=200, batch_size=16)
        run = store.create_run(registry.load("digits"), ModelConfig("mlp", (16,)), config, name="elsewhere")
    process = subprocess.Popen(
        [sys.executable, "-m", "mnist_core.workers.trainer", str(run.folder)],
        env={**os.environ, **worker_environment()},
    )
    try:
        wait_for_step(run, 1)
        yield run
    finally:
        process.terminate()
        process.wait()


def wait_for_step(run: Run, step: int) -> None:
    end = time.monotonic() + BEGIN_SECONDS
    while len(read_history(run).step) < step:
        assert time.monotonic() < end, "the training does not go on"
        time.sleep(0.1)


def expect_live(page: Page, run: Run) -> None:
    """The curve goes up to where the run was when the page was asked for, and on."""
    made = len(read_history(run).step)
    page.locator(PLOT).wait_for()
    page.wait_for_function(f"{STEP} > {made}", timeout=LIVE_MILLISECONDS)
    step = page.evaluate(STEP)
    page.wait_for_function(f"{STEP} > {step}", timeout=LIVE_MILLISECONDS)
    planned = run.train.epochs * read_history(run).steps_per_epoch
    width = 2 ** max(0, (planned - 1).bit_length() - 6)  # steps a point: the least power of two that gives 64 points
    page.wait_for_function(f"{POINTS} >= {made // width}", timeout=LIVE_MILLISECONDS)


def test_a_run_from_the_command_line_is_live_in_an_open_tab_a_new_one_and_after_a_reload(
    fresh_app: Server, page: Page, new_page: Callable[..., Page]
) -> None:
    page.goto(f"{fresh_app.url}/train")
    expect(page.get_by_text("Nothing trained yet")).to_be_visible()
    with trained_from_the_command_line(fresh_app.checkpoints) as run:
        expect_live(page, run)  # it was open before
        page.reload()
        expect_live(page, run)
        second = new_page()
        second.goto(f"{fresh_app.url}/train?run={run.run_id}")
        expect_live(second, run)
        expect_live(page, run)
    for one in (page, second):
        expect(one.get_by_text("You stopped it")).to_be_visible()


def test_a_page_that_shows_another_run_tells_of_one_from_the_command_line_and_of_its_end(
    fresh_app: Server, page: Page
) -> None:
    with trained_from_the_command_line(fresh_app.checkpoints) as first:
        page.goto(f"{fresh_app.url}/train?run={first.run_id}")
        expect_live(page, first)
    expect(page.get_by_text("You stopped it")).to_be_visible()
    other = page.get_by_role("button", name="Also at work")
    with trained_from_the_command_line(fresh_app.checkpoints) as second:
        expect(other).to_be_visible()
        expect(page.get_by_text("You stopped it")).to_be_visible()
        other.click()
        expect_live(page, second)
        page.goto(f"{fresh_app.url}/train?run={first.run_id}")
        expect(other).to_be_visible()
    expect(other).to_be_hidden()


def test_a_page_that_shows_a_stopped_run_follows_it_when_the_command_line_resumes_it(
    fresh_app: Server, page: Page
) -> None:
    with trained_from_the_command_line(fresh_app.checkpoints) as run:
        page.goto(f"{fresh_app.url}/train?run={run.run_id}")
        expect_live(page, run)
    expect(page.get_by_text("You stopped it")).to_be_visible()
    resumed = subprocess.Popen(
        [sys.executable, "-m", "mnist_core.workers.trainer", str(run.folder)],
        env={**os.environ, **worker_environment()},
    )
    wait_for_step(run, len(read_history(run).step) + 1)
    expect(page.locator(".st-key-stop_run button").last).to_be_enabled()
    expect_live(page, run)
    resumed.terminate()
    resumed.wait()


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
def test_a_page_is_live_again_when_the_server_was_restarted(
    tmp_path: Path, browser: Browser, end: signal.Signals
) -> None:
    """In a tab of its own making: that the server does not answer for a while is rightly complained of."""
    with trained_from_the_command_line(tmp_path / "checkpoints") as run:
        with serve(tmp_path) as first:
            page = browser.new_page()
            page.goto(f"{first.url}/train?run={run.run_id}")
            expect_live(page, run)
            os.kill(first.pid, end)
        with serve(tmp_path, port=first.port):
            expect_live(page, run)
            page.close()


def test_words_move_with_the_curves_without_the_script_and_end_as_a_new_page_has_them(
    fresh_app: Server, page: Page, new_page: Callable[..., Page]
) -> None:
    asked: list[WebSocket] = []
    page.on("websocket", lambda to: "_stcore" in to.url and to.on("framesent", lambda _: asked.append(to)))
    loss, seconds, accuracy = (
        f".st-key-run_{name} [data-testid=stMetricValue]" for name in ("loss", "time", "accuracy")
    )
    with trained_from_the_command_line(fresh_app.checkpoints) as run:
        page.goto(f"{fresh_app.url}/train?run={run.run_id}")
        expect_live(page, run)
        said: dict[int, list[tuple[str | None, ...]]] = {}  # by how often the script had run
        end = time.monotonic() + LIVE_MILLISECONDS / 1000
        while not any(all(len(set(values)) >= 4 for values in zip(*rows, strict=True)) for rows in said.values()):
            assert time.monotonic() < end, said
            progress = page.get_by_text(re.compile("Epoch .* left")).inner_text()
            share = page.get_by_role("progressbar").get_attribute("aria-valuenow")
            said.setdefault(len(asked), []).append((progress, page.locator(seconds).inner_text(), share))
            page.wait_for_timeout(200)
    expect(page.get_by_text("You stopped it")).to_be_visible()
    second = new_page()
    second.goto(f"{fresh_app.url}/train?run={run.run_id}")
    for figure in (loss, seconds, accuracy):
        expect(second.locator(figure)).to_have_text(re.compile(r"\d"))
        expect(page.locator(figure)).to_have_text(second.locator(figure).inner_text())


def test_a_curve_that_grew_in_place_is_where_a_whole_drawing_puts_it(fresh_app: Server, page: Page) -> None:
    with trained_from_the_command_line(fresh_app.checkpoints) as run:
        page.goto(f"{fresh_app.url}/train?run={run.run_id}")
        page.locator(PLOT).wait_for()
        page.evaluate(COMPARE)
        page.wait_for_function(f"{STEP} > {KNOWN} && {POINT_AT}", timeout=LIVE_MILLISECONDS)
        page.wait_for_function("window.moved.some(one => one.grown > 0)", timeout=LIVE_MILLISECONDS)
        moved = page.evaluate("window.moved")
    assert all(one["pixels"] < 1 for one in moved), moved


def test_who_points_at_a_curve_is_told_of_its_newest_point(fresh_app: Server, page: Page) -> None:
    """What has grown in place Plotly knows of as soon as the pointer comes."""
    with trained_from_the_command_line(fresh_app.checkpoints) as run:
        page.goto(f"{fresh_app.url}/train?run={run.run_id}")
        page.locator(PLOT).wait_for()
        page.wait_for_function(f"{STEP} > {KNOWN}", timeout=LIVE_MILLISECONDS)
        grown = page.evaluate(STEP)
        page.locator(PLOT).hover()
        page.wait_for_function(f"{KNOWN} >= {grown}", timeout=1500)
