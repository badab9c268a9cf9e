"""A training as a person sees it: started by a click, watched to its end, through reloads, other pages and other tabs.

On scikit-learn's digits, so that it needs no MNIST and every training is short.
"""

import re
from collections.abc import Callable

import pytest
from harness import Server, wait_idle
from playwright.sync_api import Page, Route, expect

# From before the click on, at every frame: elements a curve was drawn in, and frames in which a drawn curve was empty.
WATCH = """() => {
  const seen = { frames: 0, empty: 0, plots: { live_loss: new Set(), live_accuracy: new Set() } };
  window.seen = () => ({ frames: seen.frames, empty: seen.empty,
    remounts: Object.values(seen.plots).reduce((sum, plots) => sum + Math.max(0, plots.size - 1), 0) });
  const drawn = new Set();
  (function look() {
    for (const key of Object.keys(seen.plots)) {
      const plot = document.querySelector(`.st-key-${key} .pv-plot`);
      if (plot) seen.plots[key].add(plot);
      const line = plot?.querySelector('.scatterlayer path.js-line');
      if (line) drawn.add(key);
      if (drawn.has(key) && !line) seen.empty += 1;
    }
    seen.frames += 1;
    requestAnimationFrame(look);
  })();
}"""


def open_train(server: Server, page: Page, path: str = "/train") -> None:
    page.goto(server.url + path)
    wait_idle(page)
    expect(page.locator(".st-key-start_run button")).to_be_enabled()


def start(page: Page, *, name: str, epochs: int) -> None:
    """Set a few of the controls and press Start."""
    page.get_by_role("button", name="Small digits").or_(page.get_by_role("radio", name="Small digits")).first.click()
    slider = page.locator(".st-key-train_epochs input[type=range]")
    slider.focus()
    for _ in range(epochs - 4):  # from the default
        slider.press("ArrowRight")
    expect(slider).to_have_value(str(epochs))
    page.locator(".st-key-train_batch_size input[type=range]").press("Home")  # the smallest: many steps
    page.get_by_text("More settings").click()
    page.locator(".st-key-train_name input").fill(name)
    page.locator(".st-key-train_name input").press("Enter")
    expect(page.locator(".st-key-start_run button")).to_be_enabled()
    wait_idle(page)
    page.locator(".st-key-start_run button").click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()


def test_a_preset_moves_the_sliders_and_never_moves_one_back_that_was_moved_since(app: Server, page: Page) -> None:
    open_train(app, page)
    page.locator(".st-key-preset_fastest button").click()
    slider = page.locator(".st-key-train_epochs input[type=range]")
    expect(slider).to_have_value("2")
    slider.focus()
    for _ in range(20):  # quicker than the server answers
        slider.press("ArrowRight")
    expect(slider).to_have_value("22")
    wait_idle(page)
    page.wait_for_timeout(500)
    expect(slider).to_have_value("22")


def test_a_training_is_watched_live_to_its_end_without_a_flicker(fresh_app: Server, page: Page) -> None:
    """On a server of its own: another run's curve, leaving the screen, would be counted as this one's flicker."""
    open_train(fresh_app, page)
    page.evaluate(WATCH)
    start(page, name="watched", epochs=14)
    expect(page.get_by_text(re.compile(r"Epoch \d+ of 14 · .* left · [\d,]+ images/s"))).to_be_visible()
    expect(page.get_by_text("Done in")).to_be_visible(timeout=60_000)
    expect(page.get_by_text(re.compile(r"\d % ± \d")).first).to_be_visible()
    expect(page.get_by_role("link", name="See its errors")).to_be_visible()
    expect(page.locator(".st-key-live_loss path.js-line").first).to_be_visible()
    seen = page.evaluate("window.seen()")
    assert seen["frames"] > 30
    assert (seen["remounts"], seen["empty"]) == (0, 0)


def stop(page: Page) -> None:
    page.locator(".st-key-stop_run button:visible").click()
    expect(page.get_by_text(re.compile(r"You stopped it at \d+ %"))).to_be_visible()


def test_a_training_goes_on_through_reload_page_switch_and_in_a_second_tab(
    app: Server, page: Page, new_page: Callable[..., Page]
) -> None:
    at_work = re.compile(r"Epoch \d+ of 50")
    open_train(app, page)
    start(page, name="long", epochs=50)
    expect(page.get_by_text(at_work)).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="long")).to_be_visible()
    expect(page.get_by_text(at_work)).to_be_visible()
    page.get_by_test_id("stSidebarNavLink").filter(has_text="Runs").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Runs")
    page.get_by_test_id("stSidebarNavLink").filter(has_text="Train").click()
    expect(page.get_by_role("heading", name="long")).to_be_visible()
    second = new_page()
    open_train(app, second)
    expect(second.get_by_role("heading", name="long")).to_be_visible()
    expect(second.get_by_text(at_work)).to_be_visible()
    stop(second)
    expect(page.get_by_text("You stopped it")).to_be_visible()


def test_a_stopped_run_is_resumed_from_where_it_stood(app: Server, page: Page) -> None:
    open_train(app, page)
    start(page, name="paused", epochs=50)
    expect(page.get_by_text(re.compile(r"Epoch [2-9] of 50"))).to_be_visible()
    stop(page)
    page.locator(".st-key-resume_run button:visible").click()
    expect(page.get_by_text(re.compile(r"Epoch ([3-9]|\d\d) of 50"))).to_be_visible()
    stop(page)


def test_two_runs_asked_for_at_once_wait_in_line(app: Server, page: Page, new_page: Callable[..., Page]) -> None:
    second = new_page()
    open_train(app, page)
    open_train(app, second)
    start(page, name="first in line", epochs=50)
    start(second, name="second in line", epochs=6)
    expect(second.get_by_text("1 run is ahead in line")).to_be_visible()
    stop(page)
    expect(second.get_by_text("Done in")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_deep_link_to_a_run_that_is_not_there_shows_the_page_as_ever(
    app: Server, new_page: Callable[..., Page], scheme: str
) -> None:
    page = new_page(scheme=scheme)
    open_train(app, page, "/train?run=20200101-000000-mlp-none")
    expect(page.get_by_test_id("stException")).to_have_count(0)


def test_curves_stand_where_they_will_while_their_sketches_cannot_be_read_yet(app: Server, page: Page) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/rehype-raw*", hold)  # what reads HTML in Streamlit's Markdown
    page.goto(f"{app.url}/train")
    page.locator(".pv-plot[data-ready]").nth(1).wait_for()
    assert held
    tops = "() => [...document.querySelectorAll('.pv-plot')].map(plot => plot.getBoundingClientRect().top)"
    before = page.evaluate(tops)
    for route in held:
        route.continue_()
    page.locator(".sketch").first.wait_for(state="attached")
    assert page.evaluate(tops) == before
