"""What stands around every page, and what holds for all of them."""

from collections.abc import Callable

import pytest
from harness import Server, has_no_sideways_scrolling, wait_idle
from playwright.sync_api import Page, expect

TITLES = ["Home", "Train", "Evaluate", "Time machine", "Predict", "Runs"]
PATHS = ["/", "/train", "/evaluate", "/epochs", "/predict", "/runs"]


def test_first_visit_on_a_deep_link_to_a_fresh_server_is_right(fresh_app: Server, page: Page) -> None:
    page.goto(f"{fresh_app.url}/train")
    wait_idle(page)
    names = page.get_by_test_id("stSidebarNavLink").get_by_test_id("stMarkdownContainer")
    expect(names).to_have_text(TITLES)
    expect(page.get_by_role("heading", level=1)).to_have_text("Train")
    expect(page.get_by_test_id("stException")).to_have_count(0)
    expect(page.get_by_test_id("stSidebarLogo")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("widths", [[390], [1280, 1920]], ids=["phone", "desk"])
def test_every_page_fits_its_window(app: Server, new_page: Callable[..., Page], widths: list[int], scheme: str) -> None:
    page = new_page(width=widths[0], scheme=scheme, touch=widths == [390])
    for path in PATHS:
        page.set_viewport_size({"width": widths[0], "height": 900})
        page.goto(app.url + path)
        wait_idle(page)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        expect(page.get_by_test_id("stException")).to_have_count(0)
        for width in widths:
            page.set_viewport_size({"width": width, "height": 900})
            assert has_no_sideways_scrolling(page), (path, width)


@pytest.mark.parametrize(("scheme", "ground"), [("light", "rgb(251, 249, 244)"), ("dark", "rgb(21, 23, 27)")])
def test_the_theme_is_ours_and_follows_the_system(
    app: Server, new_page: Callable[..., Page], scheme: str, ground: str
) -> None:
    page = new_page(scheme=scheme)
    page.goto(app.url)
    wait_idle(page)
    expect(page.get_by_test_id("stApp")).to_have_css("background-color", ground)
    expect(page.get_by_role("heading", level=1)).to_have_css("font-family", '"Source Serif", serif')


def test_the_sidebar_leads_to_every_page(app: Server, page: Page) -> None:
    page.goto(app.url)
    for title in reversed(TITLES):
        page.get_by_test_id("stSidebarNavLink").filter(has_text=title).click()
        expect(page.get_by_test_id("stSidebarNavLink").filter(has_text=title)).to_have_attribute("aria-current", "page")
    wait_idle(page)
    expect(page).to_have_url(app.url + "/")


def test_light_and_dark_can_be_chosen_by_hand(app: Server, page: Page) -> None:
    page.goto(app.url)
    page.get_by_test_id("stMainMenu").click()
    page.get_by_test_id("stMainMenuItem-theme-Dark").click()
    expect(page.get_by_test_id("stApp")).to_have_css("background-color", "rgb(21, 23, 27)")
    # Ink on the accent, not Streamlit's white: our own style follows the choice as well.
    link = page.get_by_role("link", name="Train a network").get_by_text("Train a network")
    expect(link).to_have_css("color", "rgb(21, 23, 27)")
