"""Every test in this folder drives a real Chromium against a real server. Helpers are in tests/harness.py."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from harness import BROWSER_OPTIONS, Server, browser_page, chromium, serve
from playwright.sync_api import Browser, Page, expect, sync_playwright

HERE = Path(__file__).resolve().parent

expect.set_options(timeout=30_000)  # ms: on two busy cores a page may take its time


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.browser)


# Package-wide and not session-wide: while Playwright runs, so does its event loop, which other tests need not meet.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    path = chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=BROWSER_OPTIONS)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def app(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Server]:
    """The running app, one for all tests of a process. Its log must be free of errors and warnings at the end."""
    folder = tmp_path_factory.mktemp("app")
    try:
        data = request.getfixturevalue("mnist_source")
    except pytest.skip.Exception:  # the frame stands without MNIST; tests that need it ask for `mnist_source`
        data = folder / "data"
    with serve(folder, env={"MNIST_DATA": str(data)}) as server:
        yield server


@pytest.fixture
def new_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Opens pages (`width=`, `height=`, `scheme=`, `touch=`). The browser must not complain of any of them."""
    with ExitStack() as pages:
        yield lambda **options: pages.enter_context(browser_page(browser, **options))


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    """A page 1280 pixels wide, in the light theme."""
    return new_page()


@pytest.fixture
def fresh_app(tmp_path: Path) -> Iterator[Server]:
    """A server nobody has visited yet. Ask for it before `page`, so that the page is closed first."""
    with serve(tmp_path) as server:
        yield server
