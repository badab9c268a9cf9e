"""The real app under a real browser: a server with its log captured, and what every browser test asks of it."""

import os
import re
import shutil
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request

from tests.waiting import HANG_SECONDS, wait_for

REPOSITORY = Path(__file__).resolve().parents[1]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
BROWSER_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
IDLE = "[data-testid=stApp][data-test-script-state=notRunning][data-test-connection-state=CONNECTED]"
OWN = ("http://localhost:", "ws://localhost:", "blob:http://localhost:", "data:", "component:")
BAD_LOG_LINE = re.compile(r"\b(error|warning|traceback|exception)\b", re.IGNORECASE)
# On a deep link Streamlit looks for its server below the page's address first, and the browser reports the answer.
EXPECTED_404 = re.compile(r"/\w+/_stcore/(health|host-config)$")


def chromium() -> str:
    """Where Chromium is. Missing, it fails the tests on CI and skips them elsewhere."""
    for name in BROWSERS:
        if path := shutil.which(name):
            return path
    reason = f"no browser found (looked for {', '.join(BROWSERS)}): install Debian's package chromium"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@dataclass(frozen=True)
class Server:
    """A running app."""

    url: str  # without a slash at its end
    log: Path
    checkpoints: Path
    pid: int = 0

    @property
    def port(self) -> int:
        return urlsplit(self.url).port or 80

    def bad_lines(self) -> list[str]:
        return [line for line in self.log.read_text(encoding="utf-8").splitlines() if BAD_LOG_LINE.search(line)]


@contextmanager
def serve(
    folder: Path,
    *,
    entry: str = "streamlit_app.py",
    env: Mapping[str, str] | None = None,
    port: int | None = None,
    base: str = "",
) -> Iterator[Server]:
    """Run the app (or another entry file, named from the repository) with its files and log in `folder`.

    Args:
        port: of a server before it, whose place it takes; by default a free one.
        base: where in a site it stands, as `/mnist`.

    After the block the log must be free of errors and warnings.
    """
    port = port or _free_port()
    server = Server(f"http://localhost:{port}{base}", folder / "server.log", folder / "checkpoints")
    server.checkpoints.mkdir(parents=True, exist_ok=True)
    places = {"MNIST_CHECKPOINTS": str(server.checkpoints), "MNIST_HANDWRITING": str(folder / "handwriting")}
    command = [sys.executable, "-m", "streamlit", "run", entry, "--server.headless=true", f"--server.port={port}"]
    command += [f"--server.baseUrlPath={base}"] if base else []
    with server.log.open("wb") as log:
        process = subprocess.Popen(
            command, cwd=REPOSITORY, env={**os.environ, **places, **(env or {})}, stdout=log, stderr=subprocess.STDOUT
        )
    server = replace(server, pid=process.pid)
    try:
        _wait_until_ready(server, process)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(HANG_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            pytest.fail(f"the app did not end within {HANG_SECONDS:.0f} s of being asked to")
    assert not server.bad_lines(), server.log.read_text(encoding="utf-8")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        return int(probe.getsockname()[1])


def _wait_until_ready(server: Server, process: "subprocess.Popen[bytes]") -> None:
    def answers() -> bool:
        assert process.poll() is None, f"the app did not start:\n{server.log.read_text(encoding='utf-8')}"
        try:
            with urllib.request.urlopen(f"{server.url}/_stcore/health", timeout=HANG_SECONDS):
                return True
        except (urllib.error.URLError, ConnectionError):
            return False

    wait_for(answers, "the app")


@dataclass
class Watch:
    """What a browser complained about: errors, warnings, and requests that would have left this machine."""

    expected: str = ""  # part of a message that the test itself brings about
    complaints: list[str] = field(default_factory=list)

    def on_console(self, message: ConsoleMessage) -> None:
        if message.type not in ("error", "warning"):
            return
        if "404" in message.text and EXPECTED_404.search(message.location.get("url", "")):
            return
        if self.expected and self.expected in message.text:
            return
        self.complaints.append(f"console {message.type}: {message.text} ({message.location.get('url', '')})")

    def end(self) -> None:
        """There must have been no complaint. Begins anew."""
        said, self.complaints = self.complaints, []
        assert not said, "\n".join(said)

    def on_request(self, request: Request) -> None:
        if not request.url.startswith(
            ("http://localhost:", "ws://localhost:", "blob:http://localhost:", "data:", "component:")
        ):
            self.complaints.append(f"request to {request.url}")


@contextmanager
def watched_page(
    browser: Browser, *, width: int = 1280, height: int = 900, scheme: str = "light", touch: bool = False
) -> Iterator[tuple[Page, Watch]]:
    """A page in a profile of its own, and what it is complained of."""
    watch = Watch()
    context: BrowserContext = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, has_touch=touch
    )
    context.set_default_timeout(1000 * HANG_SECONDS)
    page = context.new_page()
    page.on("console", watch.on_console)
    page.on("pageerror", lambda error: watch.complaints.append(f"page error: {error}"))
    page.on("request", watch.on_request)
    try:
        yield page, watch
    finally:
        context.close()


@contextmanager
def browser_page(browser: Browser, *, expected: str = "", **look: Any) -> Iterator[Page]:
    """A page in a profile of its own. The browser must not have complained of anything but what is `expected`."""
    with watched_page(browser, **look) as (page, watch):
        watch.expected = expected
        yield page
    watch.end()


def wait_idle(page: Page) -> None:
    """Wait until the script has run to its end. After a click, wait for what the click should bring instead:
    for a moment the page is still idle."""
    page.wait_for_selector(IDLE)


def expect_no_sideways_scrolling(page: Page) -> None:
    """Tables and charts follow a window of another width in the frames after it: wait for that."""
    page.wait_for_function(
        """() => [document.documentElement, document.querySelector('[data-testid=stMain]')]
                 .every(element => element.scrollWidth <= element.clientWidth)"""
    )


def picture(page: Page, path: Path) -> Path:
    """Save the whole page as a PNG, what lies below the fold included."""
    size = page.viewport_size
    assert size is not None
    height = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
    page.set_viewport_size({"width": size["width"], "height": max(size["height"], height)})
    path.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=path)
    page.set_viewport_size(size)
    return path
