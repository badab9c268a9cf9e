"""What is made once for everybody who watches a run, and how it gets to them."""

import asyncio
import json
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from waiting import HANG_SECONDS

from mnist_core.datasets import registry
from mnist_core.networks.config import ModelConfig
from mnist_core.runs import store
from mnist_core.runs.history import FILE, HistoryWriter
from mnist_core.runs.run import Run, load_run
from mnist_core.training.config import TrainConfig
from mnist_core.types import EpochEnd, StepEnd
from pages.components.train import live, live_feed


def in_a_loop_of_its_own(coroutine: Coroutine[Any, Any, Any]) -> None:
    """In another thread: a browser that tests drive leaves a loop at work in this one."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, coroutine).result()


@pytest.fixture
def run(checkpoints: Path) -> Run:
    run = store.create_run(registry.load("digits"), ModelConfig("mlp", (16,)), TrainConfig(epochs=2, batch_size=64))
    writer = HistoryWriter(run.folder / FILE, elapsed=0.0)
    writer.write("started", pid=1, host="here", step=0, epochs_done=0, epochs=2, steps_per_epoch=10)
    writer.close()
    make_steps(run, 1, 1)  # after a second, most of it the start's
    make_steps(run, 2, 5)
    return run


def make_steps(run: Run, first: int, last: int) -> None:
    writer = HistoryWriter(run.folder / FILE, elapsed=float(first))
    for step in range(first, last + 1):
        writer.record(StepEnd(1, step, 2.0 / step, 0.5, 0.001, 64))
    writer.close()


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """No answer is kept for a moment, and no beat is waited for."""
    monkeypatch.setattr(live, "FRESH_SECONDS", 0.0)
    monkeypatch.setattr(live_feed, "BEAT_SECONDS", 0.01)


class Page:
    """The far end of a socket: what the page is sent, until it goes."""

    def __init__(self, run_id: str, *says: dict[str, Any]) -> None:
        self.path_params, self.says = {"run_id": run_id}, list(says)
        self.received: asyncio.Queue[str] = asyncio.Queue()
        self.closed_with: int | None = None
        self._gone = asyncio.Event()

    async def accept(self) -> None:
        pass

    async def close(self, code: int) -> None:
        self.closed_with = code

    async def send_text(self, text: str) -> None:
        self.received.put_nowait(text)

    async def receive(self) -> dict[str, Any]:
        if self.says:
            return self.says.pop()
        await self._gone.wait()
        return {"type": "websocket.disconnect"}

    def go(self) -> None:
        self._gone.set()

    async def next(self) -> list[str]:
        """What comes next: head, loss and accuracy, each as a figure and as SVG."""
        return (await asyncio.wait_for(self.received.get(), HANG_SECONDS)).split("\n")


def step_of(figure: str) -> int:
    return int(json.loads(figure)["layout"]["meta"]["step"])


def test_two_sessions_share_one_figure(run: Run, at_once: None) -> None:
    first, second = live.watched(run).news(), live.watched(load_run(run.folder)).news()
    assert first is second
    assert [step_of(drawn.figure) for drawn in first.figures] == [5, 5]


def test_a_look_with_nothing_new_makes_nothing(run: Run, at_once: None, monkeypatch: pytest.MonkeyPatch) -> None:
    news = live.watched(run).news()
    monkeypatch.setattr(live, "figures_of", lambda history: pytest.fail("made anew"))
    assert live.watched(run).news() is news


def test_who_asks_at_the_same_moment_gets_the_same_answer(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "FRESH_SECONDS", 3600.0)
    news = live.watched(run).news()
    make_steps(run, 6, 7)
    assert live.watched(run).news() is news


def test_new_steps_are_in_the_next_news(run: Run, at_once: None) -> None:
    live.watched(run).news()
    make_steps(run, 6, 7)
    assert step_of(live.watched(run).news().figures[0].figure) == 7


def test_every_watcher_is_sent_what_is_new_and_nothing_twice(run: Run, at_once: None) -> None:
    async def watch() -> None:
        pages = [Page(run.run_id), Page(run.run_id)]
        following = [asyncio.create_task(live_feed.follow(page)) for page in pages]
        for page in pages:
            head, loss, loss_svg, accuracy, accuracy_svg = await page.next()
            assert json.loads(head)["state"].startswith("interrupted")
            assert step_of(loss) == step_of(accuracy) == 5
            assert all('data-step="5"' in svg for svg in (loss_svg, accuracy_svg))
        looks = await looked(live.watched(run), 3)  # several beats without news
        assert all(news is looks[0] for news in looks)
        make_steps(run, 6, 6)
        assert [step_of((await page.next())[1]) for page in pages] == [6, 6]
        for page in pages:
            page.go()
        await asyncio.gather(*following)
        assert live_feed._feeds == {}, "nobody watches, so nobody looks"

    in_a_loop_of_its_own(watch())


async def looked(at: live.Watched, times: int) -> list[live.News]:
    """The news of so many looks that somebody else takes at a run from now on."""
    seen: list[live.News] = []
    usual = at.news

    def news() -> live.News:
        seen.append(usual())
        return seen[-1]

    at.news = news  # type: ignore[method-assign]
    while len(seen) < times:
        await asyncio.sleep(0)
    del at.news  # type: ignore[method-assign]
    return seen


def test_with_many_watchers_pages_run_their_script_less_often(run: Run) -> None:
    feed = live_feed.Feed(run)
    pauses = []
    for feed.watchers in (1, 40):
        pauses.append(json.loads(feed.message(live.watched(run).news()).split("\n")[0])["pause"])
    assert pauses == [live_feed.SCRIPT_SECONDS, 40 * live_feed.SCRIPT_SECONDS_A_WATCHER]


def test_the_words_of_a_run_are_in_its_news_as_the_page_has_them(run: Run, at_once: None) -> None:
    before = told(run)
    assert before["run_progress"] == "Epoch 1 of 2 · 3.8 s left · 260 images/s"  # four steps in a second, 15 to go
    assert (before["run_fraction"], before["run_time"], before["run_accuracy"]) == (0.25, "2.0 s", "–")
    make_steps(run, 6, 7)
    after = told(run)
    assert (before["run_loss"], after["run_loss"], after["run_fraction"]) == ("0.400", "0.286", 0.35)


def told(run: Run) -> dict[str, Any]:
    words: dict[str, Any] = json.loads(live.watched(run).news().message(1.0).split("\n")[0])["words"]
    return words


def test_what_the_script_alone_can_show_makes_another_state(run: Run, at_once: None) -> None:
    """The links to the errors after the first epoch, the coach's advice as soon as there is any."""
    states = [live.watched(run).news().state]
    for epoch, dead in ((1, 0.0), (2, 0.9)):
        writer = HistoryWriter(run.folder / FILE, elapsed=5.0)
        writer.record(EpochEnd(epoch, 10 * epoch, 1.0, 0.5, 1.0, 0.5, dead_units=dead))
        writer.close()
        states.append(live.watched(run).news().state)
    assert len(set(states)) == 3


def test_whatever_a_page_says_is_passed_over(run: Run, at_once: None) -> None:
    async def watch() -> None:
        page = Page(run.run_id, {"type": "websocket.receive", "bytes": b"\xff" * 9}, {"type": "websocket.receive"})
        following = asyncio.create_task(live_feed.follow(page))
        assert await page.next()
        assert not page.says
        page.go()
        await following

    in_a_loop_of_its_own(watch())


@pytest.mark.parametrize("run_id", ["20200101-000000-mlp-none", "nonesuch", "..", "latest"])
def test_a_run_that_is_not_there_is_refused(checkpoints: Path, run_id: str) -> None:
    page = Page(run_id)
    in_a_loop_of_its_own(live_feed.follow(page))
    assert page.closed_with == live_feed.POLICY_VIOLATION
