"""The chart component in an app of its own: a curve that grows twelve times, and a matrix to choose cells from."""

from collections.abc import Callable, Iterator

import pytest
from harness import Server, serve, wait_idle
from playwright.sync_api import Page, Route, expect

UPDATES = 12
CELLS = [(0, 0), (3, 5), (5, 3), (9, 0), (4, 4), (7, 9)]

# Collects, from before the first figure on, every element the curve was drawn in and counts the frames in which it was
# empty after it had been drawn.
WATCH = """
const seen = { charts: new Set(), empty: 0, frames: 0 };
window.seen = () => ({ charts: seen.charts.size, empty: seen.empty, frames: seen.frames });
const chart = () => document.querySelector('.st-key-curve .pv-plot');
const line = () => chart()?.querySelector('.scatterlayer path.js-line');
const note = () => { if (chart()) seen.charts.add(chart()); };
new MutationObserver(note).observe(document, { childList: true, subtree: true });
let drawn = false;
(function look() {
  drawn ||= !!line();
  if (drawn) seen.frames += 1;
  if (drawn && !line()) seen.empty += 1;
  requestAnimationFrame(look);
})();
"""


@pytest.fixture(scope="module")
def charts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serve(tmp_path_factory.mktemp("charts"), entry="tests/browser/apps/charts.py") as server:
        yield server


@pytest.fixture
def matrix(charts: Server, page: Page) -> Page:
    return open_matrix(charts, page)


def open_matrix(charts: Server, page: Page) -> Page:
    page.goto(f"{charts.url}/?updates=1")
    page.locator(".st-key-matrix .pv-plot[data-ready]").wait_for()
    wait_idle(page)
    return page


def centre_of(page: Page, true: int, predicted: int) -> tuple[float, float]:
    """Where a cell's middle is, in the window."""
    x, y = page.evaluate(
        """([row, column]) => {
            const plot = document.querySelector('.st-key-matrix .pv-plot');
            plot.scrollIntoView({ block: 'center' });
            const { left, top } = plot.getBoundingClientRect(), { xaxis, yaxis } = plot._fullLayout;
            return [left + xaxis._offset + xaxis.d2p(column), top + yaxis._offset + yaxis.d2p(row)];
        }""",
        [true, predicted],
    )
    return x, y


def grow(page: Page, charts: Server) -> None:
    """Once the curve is drawn, have it grow."""
    page.goto(charts.url)
    page.locator(".st-key-curve .pv-plot[data-ready]").wait_for()
    wait_idle(page)
    page.get_by_role("button", name="Grow").click()


def test_a_growing_curve_is_never_remounted_and_never_empty(charts: Server, page: Page) -> None:
    page.add_init_script(WATCH)
    grow(page, charts)
    page.get_by_text(f"update {UPDATES}", exact=True).wait_for()
    wait_idle(page)
    seen = page.evaluate("window.seen()")
    assert seen["charts"] == 1
    assert seen["frames"] > UPDATES  # each update is painted before the next is asked for
    assert seen["empty"] == 0


def test_zoom_is_kept_while_data_comes(charts: Server, page: Page) -> None:
    grow(page, charts)
    page.locator(".st-key-curve .pv-plot[data-ready]").wait_for()
    box = page.locator(".st-key-curve .nsewdrag").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 60, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 260, box["y"] + 200, steps=5)
    page.mouse.up()
    x_range = "[...document.querySelector('.st-key-curve .pv-plot')._fullLayout.xaxis.range]"
    page.wait_for_function(f"{x_range}[0] > 0.1")
    zoomed = page.evaluate(x_range)
    page.get_by_text(f"update {UPDATES}", exact=True).wait_for()
    wait_idle(page)
    assert page.evaluate(x_range) == zoomed


def test_a_click_chooses_the_cell_under_the_mouse(matrix: Page) -> None:
    for true, predicted in CELLS:
        matrix.mouse.click(*centre_of(matrix, true, predicted))
        expect(matrix.get_by_text(f"cell ({true}, {predicted})", exact=True)).to_be_visible()


def test_a_tap_chooses_the_cell_under_the_finger(charts: Server, new_page: Callable[..., Page]) -> None:
    page = open_matrix(charts, new_page(width=390, touch=True))
    for true, predicted in CELLS:
        page.touchscreen.tap(*centre_of(page, true, predicted))
        expect(page.get_by_text(f"cell ({true}, {predicted})", exact=True)).to_be_visible()


def test_dragging_over_the_matrix_chooses_nothing(matrix: Page) -> None:
    matrix.mouse.move(*centre_of(matrix, 2, 2))
    matrix.mouse.down()
    matrix.mouse.move(*centre_of(matrix, 6, 6), steps=4)
    matrix.mouse.up()
    matrix.mouse.click(*centre_of(matrix, 1, 8))
    expect(matrix.get_by_text("cell (1, 8)", exact=True)).to_be_visible()


def test_a_finger_on_a_chart_scrolls_the_page(charts: Server, new_page: Callable[..., Page]) -> None:
    page = open_matrix(charts, new_page(width=390, height=600, touch=True))
    x, y = centre_of(page, 5, 5)
    scrolled = "document.querySelector('[data-testid=stMain]').scrollTop"
    before = page.evaluate(scrolled)
    touch = page.context.new_cdp_session(page)
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for moved in range(15, 151, 15):
        touch.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [{"x": x, "y": y + moved}]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    page.wait_for_function(f"{scrolled} < {before} - 100")
    expect(page.get_by_text("cell None", exact=True)).to_be_visible()


def test_arrow_keys_and_enter_choose_a_cell(matrix: Page) -> None:
    plot = matrix.locator(".st-key-matrix .pv-plot")
    plot.focus()
    for key in ["ArrowRight", "ArrowRight", "ArrowRight", "ArrowDown"]:  # the first stands on (0, 0)
        matrix.keyboard.press(key)
    expect(matrix.locator(".st-key-matrix .pv-said")).to_have_text("true 1, predicted 2: 5")
    matrix.keyboard.press("Enter")
    expect(matrix.get_by_text("cell (1, 2)", exact=True)).to_be_visible()


def test_a_click_on_a_point_tells_its_place_and_its_data(matrix: Page) -> None:
    chart = matrix.locator(".st-key-points")
    chart.locator(".pv-plot[data-ready]").wait_for()
    chart.scroll_into_view_if_needed()
    box = chart.locator("path.point").nth(1).bounding_box()
    assert box is not None
    matrix.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    chart.locator(".hoverlayer .hovertext").wait_for()  # what is pointed at is what will be clicked
    matrix.mouse.down()
    matrix.mouse.up()
    expect(matrix.get_by_text("point Clicked(x=2, y=20, customdata=8)", exact=True)).to_be_visible()


def test_charts_say_what_they_show_to_those_who_cannot_see_them(matrix: Page) -> None:
    expect(matrix.get_by_role("img", name="Loss, update 1.")).to_be_visible()
    expect(matrix.get_by_role("application", name="Confusion matrix.")).to_be_visible()


def test_a_chart_follows_the_theme(charts: Server, page: Page) -> None:
    open_matrix(charts, page)
    line = page.locator(".st-key-curve .scatterlayer path.js-line").nth(1)
    expect(line).to_have_css("stroke", "rgb(43, 79, 162)")
    page.emulate_media(color_scheme="dark")
    expect(line).to_have_css("stroke", "rgb(105, 144, 234)")


def test_curves_are_sketched_in_their_places_while_the_library_is_on_its_way(charts: Server, page: Page) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/api/plotly.min.js*", hold)
    with page.expect_request("**/api/plotly.min.js*"):  # it may come after the sketch, which waits for nothing
        page.goto(f"{charts.url}/?updates=1", wait_until="commit")  # it is loaded only when the library is
    sketch = page.locator(".st-key-curve-place .sketch")
    curve = sketch.locator(".curve").nth(1)
    expect(curve).to_be_visible()
    expect(sketch.get_by_text("loss (nats)")).to_be_visible()
    expect(page.locator(".st-key-matrix-place .sketch")).to_have_count(0)  # no curves
    wait_idle(page)
    sketched = curve.bounding_box()
    for route in held:
        route.continue_()
    page.locator(".st-key-curve .pv-plot[data-ready]").wait_for()
    expect(sketch).to_be_hidden()
    drawn = page.locator(".st-key-curve .scatterlayer path.js-line").nth(1).bounding_box()
    assert sketched is not None
    assert drawn is not None
    for side in ("x", "y", "width", "height"):
        assert abs(sketched[side] - drawn[side]) < 2.5, (side, sketched, drawn)


def test_a_missing_library_is_said_in_the_chart_s_place(charts: Server, new_page: Callable[..., Page]) -> None:
    page = new_page(expected="ERR_FAILED")
    page.route("**/api/plotly.min.js*", lambda route: route.abort())
    page.goto(charts.url)
    expect(page.locator(".st-key-matrix").get_by_role("alert")).to_contain_text("did not load")
