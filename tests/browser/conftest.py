"""Every test in this folder drives a real Chromium against a real server. Helpers are in tests/harness.py."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from harness import BROWSER_OPTIONS, Server, Watch, browser_page, chromium, serve, watched_page
from playwright.sync_api import Browser, Page, expect, sync_playwright
from waiting import HANG_SECONDS

from mnist_core.workers import queue

HERE = Path(__file__).resolve().parent

expect.set_options(timeout=1000 * HANG_SECONDS)


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
def server(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Server]:
    """The app, started once for all tests of a process. Its log must be free of errors and warnings at the end."""
    folder = tmp_path_factory.mktemp("app")
    try:
        data = request.getfixturevalue("mnist_source")
    except pytest.skip.Exception:  # the frame stands without MNIST; tests that need it ask for `mnist_source`
        data = folder / "data"
    with serve(folder, env={"MNIST_DATA": str(data)}) as server:
        yield server


@pytest.fixture
def app(server: Server) -> Server:
    """The running app with no runs but those that come with it, and nobody's handwriting."""
    assert not queue.at_work(server.checkpoints), "the test before has left a worker without its folder"
    for folder in (server.checkpoints, server.checkpoints.parent / "handwriting"):
        if folder.exists():
            shutil.rmtree(folder)
    server.checkpoints.mkdir()
    return server


@pytest.fixture(scope="package")
def tab(browser: Browser) -> Iterator[tuple[Page, Watch]]:
    """One page for all tests of a process: it has compiled the app's scripts, which takes a new one a second."""
    with watched_page(browser) as tab:
        yield tab


@pytest.fixture
def page(tab: tuple[Page, Watch]) -> Iterator[Page]:
    """A page 1280 pixels wide, in the light theme. Leave its profile as it is: others come after."""
    page, watch = tab
    yield page
    page.goto("about:blank")
    page.unroute_all()
    page.set_viewport_size({"width": 1280, "height": 900})
    page.emulate_media(color_scheme="light")
    watch.end()


@pytest.fixture
def new_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Opens pages in profiles of their own (`width=`, `height=`, `scheme=`, `touch=`). The browser must not complain
    of any of them."""
    with ExitStack() as pages:
        yield lambda **options: pages.enter_context(browser_page(browser, **options))


@pytest.fixture
def fresh_app(tmp_path: Path) -> Iterator[Server]:
    """A server nobody has visited yet. Ask for it before `page`, so that the page leaves it first."""
    with serve(tmp_path) as server:
        yield server
