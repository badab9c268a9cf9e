"""A run that is trained while nobody looks is found again, live and with its whole curve, wherever one comes from."""

import os
import re
import signal
from collections.abc import Callable
from pathlib import Path

from harness import Server, serve
from playwright.sync_api import Browser, Page, WebSocket, expect
from waiting import HANG_SECONDS
from written_run import Writer, at_work, new_run

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


def expect_live(page: Page, worker: Writer) -> None:
    """The curve goes up to where the run is, and on as the run goes on."""
    page.locator(PLOT).wait_for()
    page.wait_for_function(f"{STEP} === {worker.step}")
    page.wait_for_function(f"{STEP} === {worker.train(100)}")
    width = 2 ** max(0, (worker.planned - 1).bit_length() - 6)  # steps a point: the power of two that gives 64 points
    page.wait_for_function(f"{POINTS} >= {worker.step // width}")


def test_a_run_of_another_process_is_live_in_an_open_tab_a_new_one_and_after_a_reload(
    app: Server, page: Page, new_page: Callable[..., Page]
) -> None:
    page.goto(f"{app.url}/train")
    expect(page.get_by_text("Nothing trained yet")).to_be_visible()
    with at_work(run := new_run(app.checkpoints, name="elsewhere")) as worker:
        worker.train(100)
        expect_live(page, worker)  # it was open before
        page.reload()
        expect_live(page, worker)
        second = new_page()
        second.goto(f"{app.url}/train?run={run.run_id}")
        expect_live(second, worker)
        expect_live(page, worker)
    for one in (page, second):
        expect(one.get_by_text("You stopped it")).to_be_visible()


def test_a_page_that_shows_a_stopped_run_tells_of_another_and_follows_its_own_when_it_goes_on(
    app: Server, page: Page
) -> None:
    first, second = (new_run(app.checkpoints, name=name) for name in ("first", "second"))
    with at_work(first) as worker:
        page.goto(f"{app.url}/train?run={first.run_id}")
        expect_live(page, worker)
    expect(page.get_by_text("You stopped it")).to_be_visible()
    other = page.get_by_role("button", name="Also at work")
    with at_work(second) as worker:
        expect(other).to_be_visible()
        expect(page.get_by_text("You stopped it")).to_be_visible()
        other.click()
        expect_live(page, worker)
        page.goto(f"{app.url}/train?run={first.run_id}")
        expect(other).to_be_visible()
    expect(other).to_be_hidden()
    with at_work(first) as worker:
        worker.train(1)
        expect(page.locator(".st-key-stop_run button").last).to_be_enabled()
        expect_live(page, worker)


def test_a_page_is_live_again_when_the_server_was_restarted(tmp_path: Path, browser: Browser) -> None:
    """In a tab of its own making: that the server does not answer for a while is rightly complained of."""
    with at_work(run := new_run(tmp_path / "checkpoints", name="elsewhere")) as worker:
        page, port = browser.new_page(), None
        page.set_default_timeout(1000 * HANG_SECONDS)
        for end in (signal.SIGTERM, signal.SIGKILL):
            with serve(tmp_path, port=port) as server:
                if port is None:
                    page.goto(f"{server.url}/train?run={run.run_id}")
                expect_live(page, worker)
                os.kill(server.pid, end)
            port = server.port
        with serve(tmp_path, port=port):
            expect_live(page, worker)
            page.close()


def test_words_move_with_the_curves_without_the_script_and_end_as_a_new_page_has_them(
    app: Server, new_page: Callable[..., Page]
) -> None:
    page = new_page()
    asked: list[WebSocket] = []
    page.on("websocket", lambda to: "_stcore" in to.url and to.on("framesent", lambda _: asked.append(to)))
    loss, seconds, accuracy = (
        f".st-key-run_{name} [data-testid=stMetricValue]" for name in ("loss", "time", "accuracy")
    )
    with at_work(run := new_run(app.checkpoints, name="elsewhere")) as worker:
        page.goto(f"{app.url}/train?run={run.run_id}")
        expect_live(page, worker)
        said: dict[int, list[tuple[str | None, ...]]] = {}  # by how often the script had run
        while not any(all(len(set(values)) >= 3 for values in zip(*rows, strict=True)) for rows in said.values()):
            page.wait_for_function(f"{STEP} === {worker.train(100)}")
            progress = page.get_by_text(re.compile("Epoch .* left")).inner_text()
            share = page.get_by_role("progressbar").get_attribute("aria-valuenow")
            said.setdefault(len(asked), []).append((progress, page.locator(loss).inner_text(), share))
    expect(page.get_by_text("You stopped it")).to_be_visible()
    second = new_page()
    second.goto(f"{app.url}/train?run={run.run_id}")
    for figure in (loss, seconds, accuracy):
        expect(second.locator(figure)).to_have_text(re.compile(r"\d"))
        expect(page.locator(figure)).to_have_text(second.locator(figure).inner_text())


def test_a_curve_that_grew_in_place_is_where_a_whole_drawing_puts_it(app: Server, page: Page) -> None:
    with at_work(run := new_run(app.checkpoints, name="elsewhere")) as worker:
        worker.train(1000)
        page.goto(f"{app.url}/train?run={run.run_id}")
        page.locator(PLOT).wait_for()
        page.wait_for_function(f"{STEP} === {worker.step}")
        page.evaluate(COMPARE)
        page.wait_for_function(f"{STEP} === {worker.train(500)}")
        page.evaluate(POINT_AT)
        page.wait_for_function("window.moved.some(one => one.grown > 0)")
        moved = page.evaluate("window.moved")
    assert all(one["pixels"] < 1 for one in moved), moved


def test_who_points_at_a_curve_is_told_of_its_newest_point(app: Server, page: Page) -> None:
    """What has grown in place Plotly knows of as soon as the pointer comes, with no news to bring it about."""
    with at_work(run := new_run(app.checkpoints, name="elsewhere")) as worker:
        worker.train(1000)
        page.goto(f"{app.url}/train?run={run.run_id}")
        page.locator(PLOT).wait_for()
        page.wait_for_function(f"{STEP} === {worker.step}")
        page.wait_for_function(f"{STEP} === {worker.train(500)}")
        assert page.evaluate(KNOWN) < worker.step
        page.locator(PLOT).hover()
        page.wait_for_function(f"{KNOWN} === {worker.step}")
