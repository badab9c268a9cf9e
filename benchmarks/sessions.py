"""A browser session without the browser: Streamlit's own messages over a websocket, as an open page sends them.

It asks for a page, takes in everything the server sends, and does what the page's scripts do: reruns fragments that
have a timer, follows the run that the charts name (`plotly_view.js`), and asks for the words beside them when the feed
allows it. What it leaves out is drawing: watchers sit at other machines, and their processors are not what is measured.
"""

import asyncio
import contextlib
import json
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Delta_pb2 import Delta
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

OPEN_SECONDS = 60.0
LOSS_STEP = re.compile(r'\\*"meta\\*":\{\\*"step\\*":(\d+)')


@dataclass(frozen=True)
class Seen:
    """A moment at which a page's curves went up to another step than before."""

    at: float  # seconds since 1970
    step: int


@dataclass
class Session:
    """One open page and what it has been sent."""

    url: str
    page: str
    query: str
    socket: ClientConnection
    seen: list[Seen] = field(default_factory=list)
    script_runs: int = 0
    bytes_received: int = 0
    _timers: dict[str, float] = field(default_factory=dict)  # seconds between reruns, by fragment
    _finished: asyncio.Event = field(default_factory=asyncio.Event)
    _feed: asyncio.Task[None] | None = None
    _panel: str = ""  # the fragment around the charts
    _state: str = ""
    _asked: float = 0.0

    async def open(self) -> None:
        """Ask for the page and wait until its script has run to its end."""
        await self.rerun("")
        await asyncio.wait_for(self._finished.wait(), OPEN_SECONDS)

    async def receive(self) -> None:
        """Take in messages for as long as the page is open."""
        async for data in self.socket:
            assert isinstance(data, bytes)
            self.bytes_received += len(data)
            message = ForwardMsg()
            message.ParseFromString(data)
            kind = message.WhichOneof("type")
            if kind == "new_session" and not message.metadata.run.fragment_ids:
                self._timers.clear()  # a run of the whole page declares them again
            elif kind == "auto_rerun":
                self._timers[message.auto_rerun.fragment_id] = message.auto_rerun.interval
            elif kind == "stop_auto_rerun":
                self._timers.pop(message.stop_auto_rerun.fragment_id, None)
            elif kind == "delta" and message.delta.new_element.WhichOneof("type") == "bidi_component":
                self._chart(message.delta)
            elif kind == "script_finished":
                self.script_runs += 1
                self._finished.set()

    async def keep_time(self) -> None:
        """Rerun each fragment that has a timer when it is due, on a fixed beat."""
        due: dict[str, float] = {}
        while True:
            now = time.monotonic()
            due = {name: due.get(name, now + seconds) for name, seconds in self._timers.items()}
            for name in [name for name, at in due.items() if at <= now]:
                await self.rerun(name)
                due[name] += self._timers.get(name, 1.0)
            await asyncio.sleep(0.02)

    async def rerun(self, fragment: str) -> None:
        """Have the page's script run, or one fragment of it."""
        message = BackMsg()
        state = message.rerun_script
        state.query_string, state.page_name = self.query, self.page
        state.fragment_id, state.is_auto_rerun = fragment, bool(fragment)
        self._asked = time.monotonic()
        with contextlib.suppress(ConnectionClosed):
            await self.socket.send(message.SerializeToString())

    async def close(self) -> None:
        if self._feed:
            await _end(self._feed)

    def _chart(self, delta: Delta) -> None:
        text = delta.new_element.bidi_component.json
        self._note_step(text)
        given = json.loads(text).get("live") if '"live"' in text else None
        if given and (live := json.loads(given))["asks"]:
            self._panel, self._state, self._asked = delta.fragment_id, live["state"], time.monotonic()
            self._feed = self._feed or asyncio.create_task(self._follow(live["run_id"]))

    async def _follow(self, run_id: str) -> None:
        async with _socket(f"{self.url}/api/live/{run_id}") as socket:
            async for message in socket:
                assert isinstance(message, str)
                self.bytes_received += len(message)
                head, loss, *_others = message.split("\n")
                self._note_step(loss)
                happened = json.loads(head)
                pause = happened["pause"] if happened["state"] == self._state else 0.0
                if time.monotonic() - self._asked >= pause:
                    await self.rerun(self._panel)

    def _note_step(self, figure: str) -> None:
        found = LOSS_STEP.search(figure)
        step = int(found[1]) if found else 0
        if step > (self.seen[-1].step if self.seen else 0):
            self.seen.append(Seen(time.time(), step))


@asynccontextmanager
async def session(url: str, page: str, query: str = "") -> AsyncIterator[Session]:
    """Have a page open: connected, its first script run done, its timers ticking and its run followed."""
    async with _socket(f"{url}/_stcore/stream", Subprotocol("streamlit")) as socket:
        opened = Session(url, page, query, socket)
        tasks = [asyncio.create_task(opened.receive()), asyncio.create_task(opened.keep_time())]
        try:
            await opened.open()
            yield opened
        finally:
            await opened.close()
            for task in tasks:
                await _end(task)


def _socket(url: str, *protocols: Subprotocol) -> connect:
    return connect(re.sub("^http", "ws", url), subprotocols=protocols or None, compression=None, max_size=None)


async def _end(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError, ConnectionClosed):
        await task
