"""The app as a part of a site, and beside hostile pages: what it serves, whom it refuses, and that it calls nobody."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from mnist_core.runs.run import shipped_ids
from tests.harness import IDLE, Server, serve
from tests.strangers import Outside, handshake, status

RUN = shipped_ids()[0]
SOCKETS = ("/mnist/_stcore/stream", f"/mnist/api/live/{RUN}")


@pytest.fixture(scope="module")
def outside() -> Iterator[Outside]:
    outside = Outside()
    yield outside
    outside.close()


@pytest.fixture(scope="module")
def below(tmp_path_factory: pytest.TempPathFactory, outside: Outside) -> Iterator[Server]:
    proxies = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), outside.address)
    with serve(tmp_path_factory.mktemp("below"), env=proxies, base="/mnist") as server:
        yield server


def test_below_a_path_of_a_site_scripts_and_news_arrive(below: Server, page: Page) -> None:
    page.goto(f"{below.url}/epochs")
    page.wait_for_selector(IDLE)
    kind = page.evaluate(
        "fetch(new URL('api/plotly.min.js', document.baseURI)).then(r => r.headers.get('content-type'))"
    )
    assert kind.startswith("text/javascript")
    news = page.evaluate(
        """run => new Promise((found, lost) => {
            const address = new URL(`api/live/${run}`, document.baseURI);
            address.protocol = 'ws:';
            const feed = new WebSocket(address);
            feed.onmessage = event => found(event.data);
            feed.onclose = event => lost(`closed with ${event.code}`);
        })""",
        RUN,
    )
    assert '"state": "finished' in news


@pytest.mark.parametrize("path", SOCKETS)
def test_sockets_of_other_sites_and_names_are_refused_and_nobody_is_called(
    below: Server, outside: Outside, path: str
) -> None:
    own = f"localhost:{below.port}"
    assert handshake(below.port, path, host=own, origin=f"http://{own}") == 101
    strangers = [(own, "http://evil.example"), (own, "http://localhost:1"), (own, "null")]
    strangers += [(f"evil.example:{below.port}", f"http://evil.example:{below.port}")]
    for host, origin in strangers:
        assert handshake(below.port, path, host=host, origin=origin) == 403, (host, origin)
    assert not outside.callers


@pytest.mark.parametrize("path", ["/mnist/", "/mnist/_stcore/health", "/mnist/api/plotly.min.js"])
def test_pages_are_not_served_under_a_foreign_name(below: Server, path: str) -> None:
    assert (
        status(below.port, f"GET {path} HTTP/1.1\r\nHost: localhost:{below.port}\r\nConnection: close\r\n\r\n") == 200
    )
    assert status(below.port, f"GET {path} HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n") == 403
