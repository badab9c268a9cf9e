"""Who the server answers: its own pages, under names it knows."""

import asyncio
from typing import Any

import pytest

from pages.components.server.guard import POLICY_VIOLATION, Guard, refusal


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("localhost:8501", None),
        ("localhost:8501", "http://localhost:8501"),
        ("127.0.0.1:8501", "http://127.0.0.1:8501"),
        ("[::1]:8501", "http://[::1]:8501"),
        ("LOCALHOST.", None),
    ],
)
def test_its_own_pages_are_answered(host: str, origin: str | None) -> None:
    assert refusal(host, origin) is None


@pytest.mark.parametrize(
    "host", [None, "", "evil.example", "evil.example:8501", "localhost.evil.example", "a@localhost"]
)
def test_another_name_is_not_answered_even_to_a_page_of_that_name(host: str | None) -> None:
    assert "allowedHosts" in str(refusal(host, None))
    assert "allowedHosts" in str(refusal(host, f"http://{host}"))


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "", "http://localhost:8502", "http://localhost", "["]
)
def test_a_page_of_another_site_or_port_is_not_answered(origin: str) -> None:
    assert "corsAllowedOrigins" in str(refusal("localhost:8501", origin))


def test_a_site_that_is_named_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pages.components.server.guard.allowlisted_origins", lambda: {"https://site.example"})
    assert refusal("localhost:8501", "https://site.example") is None
    assert refusal("localhost:8501", "https://other.example")


@pytest.mark.parametrize(
    ("kind", "answer"), [("http", ("http.response.start", 403)), ("websocket", ("websocket.close", POLICY_VIOLATION))]
)
def test_what_is_refused_never_reaches_the_app(kind: str, answer: tuple[str, int]) -> None:
    assert answered(kind, b"evil.example") == [answer]


@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_what_is_welcome_reaches_the_app(kind: str) -> None:
    assert answered(kind, b"localhost:8501") == [("the app", 0)]


def test_the_start_and_end_of_the_server_pass() -> None:
    assert answered("lifespan", b"") == [("the app", 0)]


def answered(kind: str, host: bytes) -> list[tuple[str, int]]:
    """What is sent back first: its type, and its status or code."""
    sent: list[tuple[str, int]] = []

    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "the app"})

    async def send(message: Any) -> None:
        if message["type"] != "http.response.body":
            sent.append((message["type"], message.get("status") or message.get("code") or 0))

    async def receive() -> dict[str, Any]:
        return {"type": f"{kind}.connect"}

    asyncio.run(Guard(app)({"type": kind, "headers": [(b"host", host)]}, receive, send))
    return sent
