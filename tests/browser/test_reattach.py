"""A run that is trained while nobody looks is found again, live and with its whole curve, wherever one comes from."""

import os
import re
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from harness import Server, serve
from playwright.sync_api import Browser, Page, WebSocket, expect
from waiting import HANG_SECONDS
from written_run import Writer, at_work, new_run

PLOT = ".st-key-live_loss .pv-plot[data-ready]"
CHART = ".st-key-live_loss .pv[data-by=server] .chart"  # as the server drew it
STEP = "Number(document.querySelector('.st-key-live_loss .pv')?.dataset.step ?? 0)"
POINTS = f"(document.querySelector('{CHART} [data-name=training]')?.getAttribute('d').split('L').length ?? 0)"
BY_PLOTLY = ".st-key-live_loss .pv[data-by=plotly]"
KNOWN = f"Number(document.querySelector('{BY_PLOTLY}')?.dataset.step ?? 0)"  # to Plotly
LAYOUT = f"document.querySelector('{BY_PLOTLY} .pv-plot')?.layout"
# Where what a selector finds lies in the window, one after the other: left, top, right, bottom; from left to right.
PLACES = """what => [...document.querySelectorAll(what)].map(element => element.getBoundingClientRect())
  .map(({ left, top, right, bottom }) => [left, top, right, bottom])
  .sort((one, other) => Math.round(one[0] - other[0]) || one[1] - other[1]).flat()"""


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
    other = page.locator(".st-key-queue").get_by_role("button", name="second")
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


def test_a_live_chart_is_where_plotly_draws_it_for_who_points_and_tells_of_its_newest_point(
    app: Server, page: Page
) -> None:
    with at_work(run := new_run(app.checkpoints, name="elsewhere")) as worker:
        worker.train(1000)
        page.goto(f"{app.url}/train?run={run.run_id}")
        page.locator(PLOT).wait_for()
        page.wait_for_function(f"{STEP} === {worker.train(500)}")
        lines, words = (page.evaluate(PLACES, f"{CHART} {what}") for what in (".curve", "text"))
        page.locator(PLOT).hover()  # with no news to bring it about
        page.wait_for_function(f"{KNOWN} === {worker.step}")
        by_plotly = (".scatterlayer .js-line", "text:is(.xtick *, .ytick *, .xtitle, .ytitle, .annotation *)")
        for drawn, what in zip((lines, words), by_plotly, strict=True):
            assert page.evaluate(PLACES, f"{BY_PLOTLY} {what}") == pytest.approx(drawn, abs=1.5)
        page.wait_for_function(f"{KNOWN} === {worker.train(500)}")
        page.locator(PLOT).hover(position={"x": 100, "y": 100})
        expect(page.locator(f"{BY_PLOTLY} .hoverlayer").get_by_text("training")).to_be_visible()
        page.mouse.move(1, 1)
        page.locator(CHART).wait_for()


def test_zoom_of_a_live_chart_is_kept_while_it_grows_and_given_up_by_a_double_click(app: Server, page: Page) -> None:
    with at_work(run := new_run(app.checkpoints, name="elsewhere")) as worker:
        worker.train(1000)
        page.goto(f"{app.url}/train?run={run.run_id}")
        page.locator(PLOT).hover()
        box = page.locator(f"{BY_PLOTLY} .nsewdrag").bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + 30, box["y"] + 20)
        page.mouse.down()
        page.mouse.move(box["x"] + 160, box["y"] + 120, steps=5)
        page.mouse.up()
        page.wait_for_function(f"{LAYOUT}?.xaxis.range[0] > 0")
        ends = page.evaluate(f"[...{LAYOUT}.xaxis.range]")
        page.mouse.move(1, 1)
        page.wait_for_function(f"{KNOWN} === {worker.train(500)}")
        assert page.evaluate(f"[...{LAYOUT}.xaxis.range]") == ends
        page.mouse.move(box["x"] + 80, box["y"] + 80)
        page.wait_for_function(f"{KNOWN} === {worker.step}")  # Plotly has the chart again
        page.mouse.dblclick(box["x"] + 80, box["y"] + 80)
        page.wait_for_function(f"{LAYOUT}?.xaxis.range[0] === 0")
        page.mouse.move(1, 1)
        page.locator(CHART).wait_for()
        worker.train(500)
        page.mouse.move(box["x"] + 80, box["y"] + 80)
        page.wait_for_function(f"{KNOWN} === {worker.step}")
        assert page.evaluate(f"{LAYOUT}.xaxis.range[0]") == 0
