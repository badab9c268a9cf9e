"""What stands around every page, and what holds for all of them."""

from collections.abc import Callable

import pytest
from harness import Server, expect_no_sideways_scrolling, wait_idle
from playwright.sync_api import Page, expect
from small_runs import copy_run

from mnist_core.runs.run import Run

JUDGED = "20991122-142509-mlp-aaaa"
TITLES = ["Home", "Train", "Evaluate", "Time machine", "Predict", "My handwriting", "Runs"]
PATHS = {  # and what stands there last
    "/": "[data-testid=stPageLink]",
    "/train": ".st-key-live_accuracy .pv-plot[data-ready]",
    f"/evaluate?run={JUDGED}": ".st-key-confusion .pv-plot[data-ready]",
    "/epochs": ".st-key-epochs_matrix .pv-plot[data-ready]",
    "/predict": "canvas",
    "/runs": ".st-key-compare .pv-plot[data-ready]",
}
GROUNDS = {"light": "rgb(251, 249, 244)", "dark": "rgb(21, 23, 27)"}


@pytest.fixture
def furnished(app: Server, small_run: Run, kept_run: Run) -> Server:
    """The app with something to show on every page: a run that was judged, one that kept its epochs, a damaged one."""
    copy_run(kept_run, app.checkpoints)
    copy_run(small_run, app.checkpoints, JUDGED, judged=True)
    (copy_run(small_run, app.checkpoints, "20251122-142509-mlp-zzzz").folder / "run.json").write_text("{")
    return app


def expect_fits(page: Page, *widths: int) -> None:
    """At each width, in the light and in the dark, nothing is cut and nothing has failed."""
    wait_idle(page)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_test_id("stException")).to_have_count(0)
    for scheme, ground in GROUNDS.items():
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        expect(page.get_by_test_id("stApp")).to_have_css("background-color", ground)
        for width in widths:
            page.set_viewport_size({"width": width, "height": 900})
            expect_no_sideways_scrolling(page)
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": widths[0], "height": 900})


def test_first_visit_on_a_deep_link_to_a_fresh_server_is_right(fresh_app: Server, page: Page) -> None:
    """Also where the run that the link names is not there."""
    page.goto(f"{fresh_app.url}/train?run=20200101-000000-mlp-none")
    wait_idle(page)
    names = page.get_by_test_id("stTopNavLink").get_by_test_id("stMarkdownContainer")
    expect(names).to_have_text(TITLES)
    expect(page.get_by_role("heading", level=1)).to_have_text("Train")
    expect(page.locator(".st-key-start_run button")).to_be_enabled()
    expect(page.get_by_test_id("stException")).to_have_count(0)
    expect(page.get_by_test_id("stHeaderLogo")).to_be_visible()


def test_the_navigation_leads_to_every_page_and_each_fits_a_desk_in_our_colours(furnished: Server, page: Page) -> None:
    page.goto(furnished.url)
    expect(page.get_by_role("heading", level=1)).to_have_css("font-family", '"Source Serif", serif')
    for title in reversed(TITLES):
        link = page.get_by_test_id("stTopNavLink").filter(has_text=title)
        link.click()
        expect(link).to_have_attribute("aria-current", "page")
        expect_fits(page, 1280, 1920)
    expect(page).to_have_url(furnished.url + "/")


def test_every_page_fits_a_phone(furnished: Server, new_page: Callable[..., Page]) -> None:
    page = new_page(width=390, touch=True)
    for path, shows in PATHS.items():
        page.goto(furnished.url + path)
        page.locator(shows).first.wait_for()
        expect_fits(page, 390)


def test_light_and_dark_can_be_chosen_by_hand(app: Server, new_page: Callable[..., Page]) -> None:
    """In a profile of its own: the choice is kept in it."""
    page = new_page()
    page.goto(app.url)
    page.get_by_test_id("stMainMenu").click()
    page.get_by_test_id("stMainMenuItem-theme-Dark").click()
    expect(page.get_by_test_id("stApp")).to_have_css("background-color", GROUNDS["dark"])
    # Ink on the accent, not Streamlit's white: our own style follows the choice as well.
    link = page.locator(".st-key-door-train").get_by_role("link").get_by_text("Train")
    expect(link).to_have_css("color", "rgb(21, 23, 27)")
