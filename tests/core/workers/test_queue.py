"""Who waits for whom, with lines laid out by hand: a run is at work for as long as its lock is held."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from mnist_core.errors import WorkerError
from mnist_core.runs.lock import hold
from mnist_core.workers import queue
from mnist_core.workers.queue import wait_in_line, waiting

IDS = [f"20260101-00000{n}-mlp-aaaa" for n in range(4)]


@pytest.fixture
def line(checkpoints: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Places in the order of `IDS`, of the first three runs."""
    monkeypatch.setattr(queue, "POLL_SECONDS", 0.001)
    folder = checkpoints / ".line-cpu"
    folder.mkdir(parents=True)
    for run_id in IDS:
        (checkpoints / run_id).mkdir()
    for number, run_id in enumerate(IDS[:3]):
        (folder / f"{number:020d}-{run_id}").touch()
    return folder


def looks(at: dict[int, Callable[[], object]]) -> Callable[[], bool]:
    """A `give_up` that does something at its n-th question, and says yes at its last."""
    asked = [0]

    def give_up() -> bool:
        asked[0] += 1
        at.get(asked[0], lambda: None)()
        return asked[0] > max(at)

    return give_up


def test_a_waiter_watches_only_the_run_before_it(line: Path, checkpoints: Path, monkeypatch) -> None:
    locks = [hold(checkpoints / run_id / "lock") for run_id in IDS[:3]]
    for lock in locks:
        lock.acquire()
    watched: list[str] = []
    monkeypatch.setattr(queue, "is_locked", lambda lock: not watched.append(lock.parent.name))
    assert wait_in_line(checkpoints / IDS[3], "cpu", give_up=looks({20: lambda: None})) is None
    assert set(watched) == {IDS[2]}
    for lock in locks:
        lock.release()


def test_a_run_that_is_moved_up_trains_before_the_one_that_came_before_it(line: Path, checkpoints: Path) -> None:
    first, *others = [hold(checkpoints / run_id / "lock") for run_id in IDS[:3]]
    for lock in (first, *others):
        lock.acquire()
    queue.move_up(checkpoints, "cpu", IDS[2])
    assert waiting(checkpoints, "cpu") == [IDS[0], IDS[2], IDS[1]]
    queue.move_up(checkpoints, "cpu", IDS[2])  # before the one that is being trained there is no place
    assert waiting(checkpoints, "cpu") == [IDS[0], IDS[2], IDS[1]]
    came: list[str] = []
    moves = looks(
        {
            5: lambda: queue.move_up(checkpoints, "cpu", IDS[3]),
            6: lambda: queue.move_up(checkpoints, "cpu", IDS[3]),
            10: lambda: came.append(" ".join(waiting(checkpoints, "cpu"))),
            15: first.release,
            1000: lambda: None,
        }
    )
    with hold(checkpoints / IDS[3] / "lock"):
        turn = wait_in_line(checkpoints / IDS[3], "cpu", give_up=moves)
    assert turn is not None  # though the two that it passed still wait
    assert came == [" ".join((IDS[0], IDS[3], IDS[2], IDS[1]))]
    with turn:
        pass
    assert not list(line.glob(f"*-{IDS[3]}"))
    for lock in others:
        lock.release()
    with pytest.raises(WorkerError, match="not waiting in the queue any more"):
        queue.move_up(checkpoints, "cpu", IDS[1])


def test_runs_that_died_or_were_deleted_are_passed_over_at_once(line: Path, checkpoints: Path) -> None:
    (checkpoints / IDS[1]).rmdir()
    turn = wait_in_line(checkpoints / IDS[3], "cpu", give_up=looks({1: lambda: None}))
    assert turn is not None
    with turn:
        pass


def test_when_the_run_before_leaves_the_one_before_that_is_waited_for(line: Path, checkpoints: Path) -> None:
    first, last = hold(checkpoints / IDS[0] / "lock"), hold(checkpoints / IDS[2] / "lock")
    first.acquire()
    last.acquire()
    came: list[str] = []
    leaving = looks(
        {5: last.release, 10: lambda: came.append("only the first is left"), 15: first.release, 1000: lambda: None}
    )
    turn = wait_in_line(checkpoints / IDS[3], "cpu", give_up=leaving)
    assert turn is not None
    assert came
    with turn:
        pass


def test_the_place_of_a_worker_that_was_killed_is_given_up_when_its_run_is_resumed(
    line: Path, checkpoints: Path
) -> None:
    """Or its run would wait for those behind its old place, and they for it."""
    with hold(checkpoints / IDS[0] / "lock"), hold(checkpoints / IDS[1] / "lock"):
        assert waiting(checkpoints, "cpu") == IDS[:2]
        seen: list[list[str]] = []
        look = looks({3: lambda: seen.append(waiting(checkpoints, "cpu"))})
        assert wait_in_line(checkpoints / IDS[0], "cpu", give_up=look) is None
        assert seen == [[IDS[1], IDS[0]]]
        assert waiting(checkpoints, "cpu") == [IDS[1]]


def test_whoever_comes_after_a_clock_was_set_back_is_last(line: Path, checkpoints: Path) -> None:
    (line / f"{2**62:020d}-{IDS[2]}").touch()  # as if by a clock far ahead
    with hold(checkpoints / IDS[2] / "lock"), hold(checkpoints / IDS[3] / "lock"):
        seen: list[list[str]] = []
        look = looks({3: lambda: seen.append(waiting(checkpoints, "cpu"))})
        assert wait_in_line(checkpoints / IDS[3], "cpu", give_up=look) is None
        assert seen[0][-1] == IDS[3]


def test_two_that_are_both_first_take_turns(line: Path, checkpoints: Path) -> None:
    """Nobody ahead of them counts, so only the device's own lock tells them apart."""
    at_once: list[str] = []
    most = []

    def train(run_id: str) -> None:
        turn = wait_in_line(checkpoints / run_id, "cpu", give_up=lambda: False)
        assert turn is not None
        with turn:
            at_once.append(run_id)
            most.append(len(at_once))
            at_once.remove(run_id)

    threads = [threading.Thread(target=train, args=(run_id,)) for run_id in IDS]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert most == [1, 1, 1, 1]


@pytest.mark.parametrize(
    "said", ["", "0 here", "1 here", f"{10**400} here", "-7 here", "x here", "12", "1 2 3", "\udcff 7"]
)
def test_a_place_that_names_no_process_is_nobodys(line: Path, checkpoints: Path, said: str) -> None:
    place = next(line.glob(f"*-{IDS[0]}"))
    place.write_text("4711 here", encoding="utf-8")
    assert queue.worker_of(checkpoints / IDS[0], "cpu") == (4711, "here")
    place.write_bytes(said.encode("utf-8", "surrogateescape"))
    assert queue.worker_of(checkpoints / IDS[0], "cpu") is None
    place.unlink()
    assert queue.worker_of(checkpoints / IDS[0], "cpu") is None


def test_a_run_deleted_while_it_waits_leaves_the_queue(line: Path, checkpoints: Path) -> None:
    with hold(checkpoints / IDS[2] / "lock"):
        gone = looks({3: (checkpoints / IDS[3]).rmdir, 50: lambda: None})
        with pytest.raises(WorkerError, match="was deleted while it was waiting"):
            wait_in_line(checkpoints / IDS[3], "cpu", give_up=gone)
        assert not list(line.glob(f"*-{IDS[3]}"))
        assert not (checkpoints / IDS[3]).exists()
