"""The websocket over which open pages follow a run: one look at its folder a beat, however many watch.

Streamlit's own way, a fragment that runs again twice a second in every session, costs ten milliseconds each time even
if it draws nothing: twenty pages would take from a small machine what the training needs that they watch.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from starlette.websockets import WebSocket, WebSocketDisconnect

from mnist_core.errors import MnistError
from mnist_core.runs import store
from mnist_core.runs.run import Run
from pages.components.server.guard import POLICY_VIOLATION
from pages.components.train.live import News, watched

BEAT_SECONDS = 0.5  # a point is on every screen that soon after it was made
LIVELY_SECONDS = 2.0  # of training; after them a beat is twice as long: a curve grows by little, drawing costs as much
# How long a page waits before its script runs again for what stands beside the curves and is not among `Words`: each
# time costs the server ten milliseconds, and a browser beside it seventy.
SCRIPT_SECONDS = 10.0
SCRIPT_SECONDS_A_WATCHER = 0.5
RACE_SCRIPT_BEATS = 2  # who is ahead


class Feed:
    """One run's news, looked for once a beat while anybody watches."""

    def __init__(self, run: Run) -> None:
        self._watched = watched(run)
        self._latest: News | None = None
        self._something_new = asyncio.Condition()
        self._looking: asyncio.Task[None] | None = None
        self.watchers = 0

    @contextlib.asynccontextmanager
    async def joined(self) -> AsyncIterator[None]:
        """Be counted as a watcher; the first starts the looking, the last ends it."""
        self.watchers += 1
        self._looking = self._looking or asyncio.create_task(self._look())
        try:
            yield
        finally:
            self.watchers -= 1
            if not self.watchers:
                self._looking.cancel()
                self._looking = None

    async def next(self, seen: News | None) -> News:
        """What is other news than `seen`; waits for it."""
        async with self._something_new:
            await self._something_new.wait_for(lambda: self._latest not in (None, seen))
        assert self._latest is not None
        return self._latest

    def message(self, news: News) -> str:
        least = RACE_SCRIPT_BEATS * _beat(news) if news.race else SCRIPT_SECONDS
        return news.message(max(least, SCRIPT_SECONDS_A_WATCHER * self.watchers))

    async def _look(self) -> None:
        while True:
            news = await asyncio.to_thread(self._watched.news)
            if news is not self._latest:
                self._latest = news
                async with self._something_new:
                    self._something_new.notify_all()
            await asyncio.sleep(_beat(news))


def _beat(news: News) -> float:
    """Seconds until the next look."""
    return BEAT_SECONDS * (1 if news.elapsed < LIVELY_SECONDS else 2)


_feeds: dict[str, Feed] = {}  # by planned epochs and folder; only those somebody watches


async def follow(socket: WebSocket) -> None:
    """Serve one watcher until it goes."""
    try:
        run = store.find_run(socket.path_params["run_id"])
    except MnistError:
        await socket.close(POLICY_VIOLATION)
        return
    await socket.accept()
    key = f"{run.epochs} {run.folder}"
    feed = _feeds.setdefault(key, Feed(run))
    async with feed.joined():
        sending = asyncio.create_task(_send(socket, feed))
        try:
            while (await socket.receive())["type"] != "websocket.disconnect":
                pass  # nothing is expected, and whatever comes is passed over
        finally:
            sending.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await sending
    if not feed.watchers:
        _feeds.pop(key, None)


async def _send(socket: WebSocket, feed: Feed) -> None:
    """A watcher on a slow line misses what became old meanwhile, and holds up nobody."""
    seen: News | None = None
    with contextlib.suppress(WebSocketDisconnect):
        while True:
            seen = await feed.next(seen)
            await socket.send_text(feed.message(seen))
