"""Runs killed at random places, resumed, and compared to the bit: `python -m benchmarks.kills [--kills 200] [--json]`.

Each run is started as the app starts it, by a server through its launcher. Three in four die at a place drawn by the
seed, to the byte: amid a save, amid a line of the history, or after a step. The fourth is killed from outside, anywhere
from the moment it is asked for to its last write: SIGKILL hits its worker, the launcher, the server that has the
launcher, or worker and launcher. Each is resumed, ends, and must have the weights and epochs of the same run left in
peace. mlp and cnn in turn, with dropout and strong augmentation.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tqdm import tqdm

from benchmarks import doomed
from benchmarks.doomed import Doom
from mnist_core import paths
from mnist_core.datasets import registry
from mnist_core.networks.config import ModelConfig
from mnist_core.runs import store
from mnist_core.runs.history import FILE as HISTORY_FILE
from mnist_core.runs.lock import is_locked
from mnist_core.runs.run import ASKED_FILE, LOCK_FILE, LOG_FILE, STATE_FILE, WEIGHTS_FILE, Run
from mnist_core.runs.status import is_at_work, read_history, status_of
from mnist_core.training.config import TrainConfig
from mnist_core.types import EpochEnd

PATIENCE = 120.0  # seconds until something that must happen is given up
VICTIMS = ("worker", "launcher", "server", "both")
PLACES: tuple[doomed.Where | None, ...] = ("save", "line", "step", None)  # in turn; None: from outside
EPOCHS: dict[str, int] = {"mlp": 6, "cnn": 2}
START_SECONDS = 0.5  # a worker makes its first step about now
STEP_SECONDS = 0.02
LOOK_SECONDS = 0.005


@dataclass
class Tally:
    """What came of the kills."""

    kills: int = 0
    resumes: int = 0  # kills that left something to go on with; the others came when all was done
    identical: int = 0  # runs that ended with the reference's weights and epochs
    hits: Counter[str] = field(default_factory=Counter)  # where the kills struck
    different: list[str] = field(default_factory=list)  # run ids; must stay empty

    def as_json(self) -> dict[str, Any]:
        return {**vars(self), "hits": dict(self.hits)}


@dataclass(frozen=True)
class Outcome:
    """What a training came to."""

    weights: bytes
    steps: list[int]
    epochs: list[EpochEnd]


def kill_at_random(kills: int, *, seed: int) -> Iterator[Tally]:
    """Kill runs in `MNIST_CHECKPOINTS`, which should be a folder of its own; the tally so far after each."""
    chance, tally, server = random.Random(seed), Tally(), Server()
    try:
        left_alone = {kind: _left_alone(kind, server) for kind in EPOCHS}
        for number in range(kills):
            kind = list(EPOCHS)[number % len(EPOCHS)]
            place = PLACES[number // len(EPOCHS) % len(PLACES)]
            _one(new_run(kind), left_alone[kind], place, server, chance, tally)
            yield tally
    finally:
        server.end()


class Server:
    """A server that starts runs, started anew whenever it was killed."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self.launcher = 0  # its process id

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process and self._process.poll() is None else None

    def train(self, run: Run) -> None:
        """Have a worker for a run."""
        if self.pid is None:
            self.end()
            command = [sys.executable, "-m", "benchmarks.doomed_server"]
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{run.folder}\n")
        self._process.stdin.flush()
        self.launcher = int(self._process.stdout.readline())

    def end(self) -> None:
        if self._process:
            self._process.communicate()


def new_run(kind: str) -> Run:
    config = TrainConfig(epochs=EPOCHS[kind], batch_size=64, augment="strong")
    return store.create_run(registry.load("digits"), ModelConfig(kind, (64,), dropout=0.2), config)


def _left_alone(kind: str, server: Server) -> Outcome:
    """What a run comes to that nobody kills."""
    run, again = new_run(kind), new_run(kind)
    for one in (run, again):
        server.train(one)
        _wait_for_end(one)
    assert outcome(run) == outcome(again), "the same run twice, left alone, did not come to the same"
    return outcome(run)


def outcome(run: Run) -> Outcome:
    history = read_history(run)
    return Outcome((run.folder / WEIGHTS_FILE).read_bytes(), list(history.step), history.epochs)


def _one(
    run: Run, reference: Outcome, place: doomed.Where | None, server: Server, chance: random.Random, tally: Tally
) -> None:
    if place is None:
        server.train(run)
        _await_moment(run, chance)
        _kill(run, chance.choice(VICTIMS), server)
    else:
        # a save at each epoch's end at least; of the weights too where they are the best
        most = run.epochs if place == "save" else len(reference.steps) - 1
        Doom(place, chance.randint(1, most), chance.random()).write(run.folder)
        server.train(run)
        _wait(lambda: not (run.folder / doomed.FILE).exists(), f"the fate of {run.run_id}")
        _wait(lambda: not is_locked(run.folder / LOCK_FILE), "the lock's release")
    tally.kills += 1
    tally.hits[_where(run)] += 1
    if status_of(run) != "finished":
        server.train(run)
        tally.resumes += 1
    _wait_for_end(run)
    if outcome(run) == reference:
        tally.identical += 1
    else:
        tally.different.append(run.run_id)


def _await_moment(run: Run, chance: random.Random) -> None:
    """Wait for a random moment of the run's life: while it starts, or at a step."""
    if chance.random() < 0.3:
        time.sleep(chance.uniform(0, START_SECONDS))
        return
    share = chance.random()
    _wait(lambda: _fraction_done(run) >= share or status_of(run) == "finished", f"{share:.0%} of {run.run_id}")
    time.sleep(chance.uniform(0, STEP_SECONDS))


def _fraction_done(run: Run) -> float:
    history = read_history(run)
    return history.step[-1] / history.total_steps if history.step and history.total_steps else 0.0


def _is_saving(run: Run) -> bool:
    return any(name.startswith((".state", ".weights")) for name in os.listdir(run.folder))  # noqa: PTH208 -- quicker


def _wait_for_end(run: Run) -> None:
    _wait(lambda: not is_at_work(run), f"the end of {run.run_id}")
    assert status_of(run) == "finished", read_history(run).error


def _kill(run: Run, victim: str, server: Server) -> None:
    """SIGKILL, and wait until nobody is at the run any more."""
    if victim == "server" and server.pid is not None:
        _send_kill(server.pid)  # its launcher sees its standard input end
    elif victim != "worker":
        _send_kill(server.launcher)
    if victim != "worker":
        _wait(lambda: not _lives(server.launcher), "the launcher's end")
    if victim in ("launcher", "server"):
        # a worker that was forked goes on, one that was to be forked may never come
        _wait(lambda: status_of(run) == "finished" or _is_dead(run), "a worker without its launcher")
        return
    for pid in _workers(run):
        _send_kill(pid)
    _wait(lambda: not _workers(run), "the worker's end")
    _wait(lambda: not is_locked(run.folder / LOCK_FILE), "the lock's release")
    (run.folder / ASKED_FILE).unlink(missing_ok=True)  # or it counts as starting for a while


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def _is_dead(run: Run) -> bool:
    if _workers(run) or is_locked(run.folder / LOCK_FILE):
        return False
    (run.folder / ASKED_FILE).unlink(missing_ok=True)
    return True


def _workers(run: Run) -> list[int]:
    """Processes that have the run's log open as their standard output: its workers, however they were started."""
    log = (run.folder / LOG_FILE).resolve()
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "fd" / "1").readlink() == log:
                found.append(int(process.name))
        except OSError:  # it ended just now, or is not ours
            continue
    return found


def _send_kill(pid: int) -> None:
    with suppress(ProcessLookupError):  # it ended by itself just now
        os.kill(pid, signal.SIGKILL)


def _where(run: Run) -> str:
    """What the killed worker left behind."""
    history = read_history(run)
    lines = run.folder / HISTORY_FILE
    if history.last_event == "finished":
        return "after its end"
    if _is_saving(run):
        return "amid a save"
    if lines.exists() and not lines.read_bytes().endswith(b"\n"):
        return "amid a line"
    if not history.step:
        return "before its first step"
    return "before its first save" if not (run.folder / STATE_FILE).exists() else "between saves"


def _wait(condition: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"{what} did not come within {PATIENCE:.0f} s")
        time.sleep(LOOK_SECONDS)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.kills", description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0, help="of the moments and the victims")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    begin = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["MNIST_CHECKPOINTS"] = folder
        os.environ["MNIST_DATA"] = folder  # no MNIST: then the launcher has the small digits ready for its workers
        assert paths.checkpoints_folder() == Path(folder).resolve()
        *_, tally = tqdm(kill_at_random(options.kills, seed=options.seed), total=options.kills, unit="kill")
    seconds = time.monotonic() - begin
    if options.json:
        print(json.dumps({**tally.as_json(), "seconds": seconds, "seed": options.seed}))
    else:
        where = ", ".join(f"{count} {name}" for name, count in tally.hits.most_common())
        print(
            f"{tally.kills} kills ({where}), {tally.resumes} resumes, {tally.identical} runs with identical weights "
            f"and epochs, {len(tally.different)} different, in {seconds:.0f} s"
        )
    return 0 if tally.identical == tally.kills == options.kills else 1


if __name__ == "__main__":
    sys.exit(main())
