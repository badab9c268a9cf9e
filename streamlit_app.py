"""The frame around the pages: `streamlit run streamlit_app.py`.

The entry file is an `st.App` and not a script: beside a folder called `pages` a script would run Streamlit's old pages
mode for whoever opens a deep link first.
"""

import asyncio
import gc
import importlib
import importlib.util
import logging
import os
import runpy
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket
from streamlit.runtime.scriptrunner import get_script_run_ctx

APP_FOLDER = Path(__file__).resolve().parent
ROUTER = APP_FOLDER / "pages" / "_router.py"
# What makes later clicks quick waits until whoever started the app has the first page on screen.
PATIENT_SECONDS = 0.0002  # how long the browser's requests wait for imports beside them, each time that they wait
USUAL_SECONDS = sys.getswitchinterval()  # 5 ms if nobody has said otherwise
LAUNCHER_AFTER_SECONDS = 2.0
WARM_AFTER_SECONDS = 4.0

if str(APP_FOLDER) not in sys.path:  # started from another folder
    sys.path.insert(0, str(APP_FOLDER))

from pages.components.server.ending import end_in_time, this_server  # noqa: E402 -- only now it is certain to be found
from pages.components.server.guard import Guard  # noqa: E402


@asynccontextmanager
async def lifespan(_app: object) -> AsyncIterator[dict[str, object]]:
    """Keep what makes the first click quick: a warm training launcher, torch and the data set in memory."""
    from mnist_core import machine
    from mnist_core.workers import launcher

    machine.set_openmp_wait_policy(os.environ)  # before anything imports torch
    timers = [
        threading.Timer(0.0, _import_first_page),
        threading.Timer(LAUNCHER_AFTER_SECONDS, launcher.start),
        threading.Timer(WARM_AFTER_SECONDS, _warm),
    ]
    for timer in timers:
        timer.daemon = True
        timer.start()
    server = this_server()
    ending = asyncio.create_task(end_in_time(server)) if server else None
    try:
        yield {}
    finally:
        if ending:
            ending.cancel()
        for timer in timers:
            timer.cancel()
        await asyncio.to_thread(launcher.stop)


@contextmanager
def _behind_requests() -> Iterator[None]:
    """Import without holding up those who ask meanwhile."""
    sys.setswitchinterval(PATIENT_SECONDS)
    gc.disable()  # it holds up everybody, longer the more there is, and what is imported is no garbage
    try:
        yield
    finally:
        gc.freeze()  # nor will it ever be: never to be looked through again
        gc.enable()
        sys.setswitchinterval(USUAL_SECONDS)


def _import_first_page() -> None:
    """Have in memory what the first page imports, while the browser is still fetching its scripts."""
    with _behind_requests():
        import pages.components.home.draw_first
        import pages.components.home.ways_in
        import pages.components.home.what_is_here  # noqa: F401


def _warm() -> None:
    """Do once what the first click would wait for: two seconds of imports, and the data set read and checked."""
    from mnist_core import machine
    from mnist_core.datasets import registry
    from mnist_core.errors import DatasetError

    with _behind_requests():
        machine.load_torch_library()
        with suppress(DatasetError):  # whoever asks for it is told
            registry.load(registry.default_dataset())
        # what charts and tables are made with, and what reads a drawing
        for module in ("torch", "pandas", "mnist_core.reading.one_or_several"):
            importlib.import_module(module)


async def plotly_js(_request: Request) -> FileResponse:
    """Plotly's script out of the installed package: no copy, no network. Its address carries its version."""
    package = importlib.util.find_spec("plotly")
    assert package is not None
    assert package.origin is not None
    script = Path(package.origin).parent / "package_data" / "plotly.min.js"
    return FileResponse(script, media_type="text/javascript", headers={"Cache-Control": "public, max-age=31536000"})


async def live(socket: WebSocket) -> None:
    """A run as it goes on, for every page that shows it."""
    from pages.components.train.live_feed import follow  # late: its imports would delay the first page

    await follow(socket)


async def at_work(request: Request) -> JSONResponse:
    """What is being trained, for the sign on every page."""
    from pages.components.train.at_work import news  # late: its imports would delay the first page

    return JSONResponse(await asyncio.to_thread(news, request.query_params.get("last")))


def _below_base_path(path: str) -> str:
    """Where Streamlit's own routes are too, behind a proxy that serves the app as a part of a site."""
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{base}{path}" if base else path


def _is_news(record: logging.LogRecord) -> bool:
    """Not what Streamlit says of every page that was changed while it looked for news, some thousand times an hour."""
    return "does not exist anymore" not in record.getMessage()


def _is_ours(record: logging.LogRecord) -> bool:
    """Not uvicorn's traceback of a stranger's message that is no text; the socket is closed, and that is all."""
    return not record.getMessage().startswith("Invalid UTF-8")


logging.getLogger("streamlit.runtime.app_session").addFilter(_is_news)
logging.getLogger("uvicorn.error").addFilter(_is_ours)

ROUTES = [
    Route(_below_base_path("/api/plotly.min.js"), plotly_js),
    Route(_below_base_path("/api/at-work"), at_work),
    WebSocketRoute(_below_base_path("/api/live/{run_id}"), live),
]
app = st.App(ROUTER, routes=ROUTES, middleware=[Middleware(Guard)], lifespan=lifespan)

if get_script_run_ctx(suppress_warning=True) is not None:  # run as a script: by AppTest
    runpy.run_path(str(ROUTER), run_name="__main__")
