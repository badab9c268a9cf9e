"""Who may talk to the server: pages it served itself, under a name it knows. Everybody else is refused at the door.

A page of another site can send requests to this machine, and with a name of its own that leads here (DNS rebinding) it
could read the answers. Streamlit checks its stream only, and looks up this machine's public address over the internet
before it refuses a foreign page, while everybody else waits.
"""

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit.web.server.server_util import allowlisted_origins
from streamlit.web.server.starlette.starlette_websocket import is_host_allowed

POLICY_VIOLATION = 1008


class Guard:
    """ASGI middleware: asks `refusal` of every request and every socket before anything else sees it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        reason = refusal(headers.get("host"), headers.get("origin"))
        if reason is None:
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await PlainTextResponse(reason, 403)(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": POLICY_VIOLATION, "reason": "not allowed"})


def refusal(host: str | None, origin: str | None) -> str | None:
    """Why a request is refused, and what to set if it should not be; None if it is welcome.

    Args:
        host: the name and port under which it found the server.
        origin: the page that sent it, as `https://name:port`; None if no page did, as on opening one.
    """
    if not is_host_allowed(host):
        return "This server does not answer to that name; add it to server.allowedHosts to allow it.\n"
    if origin is None or origin in (f"http://{host}", f"https://{host}") or origin in allowlisted_origins():
        return None
    return "Pages of other sites are not answered; add the page's address to server.corsAllowedOrigins to allow it.\n"
