"""A clock that is set back or forward, while a run trains, waits or rests; files whose time says nothing."""

import json
import os
import shutil
import time
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from small_runs import copy_run

from mnist_core.datasets import picture_store, registry
from mnist_core.export.run_card import card_html
from mnist_core.format import moment
from mnist_core.insight.time_left import seconds_left
from mnist_core.networks.config import ModelConfig
from mnist_core.runs import store
from mnist_core.runs.history import HistoryReader
from mnist_core.runs.run import RUN_ID, Run, load_run
from mnist_core.runs.status import is_asked_for, read_history
from mnist_core.training.config import TrainConfig
from mnist_core.workers import trainer

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
YEARS = timedelta(days=2000)


def new_run(now: datetime | None = None, epochs: int = 2) -> Run:
    config = TrainConfig(epochs=epochs, batch_size=256)
    return store.create_run(registry.load("digits"), ModelConfig("mlp", (8,)), config, now=now)


def test_runs_are_in_the_order_of_creation_within_a_second_and_after_a_clock_was_set_back(
    checkpoints: Path,
) -> None:
    moments = [NOON, NOON, NOON, NOON - YEARS, NOON - timedelta(seconds=5), NOON + YEARS, NOON]
    runs = [new_run(now) for now in moments]
    assert [run.run_id for run in store.list_runs()] == [run.run_id for run in reversed(runs)]
    assert len({run.run_id[:15] for run in runs}) == len(runs)
    assert store.find_run("latest") == runs[-1]
    assert runs[3].created == (NOON - YEARS).isoformat()  # what the clock said is not made up
    assert all(RUN_ID.fullmatch(run.run_id) for run in runs)


@pytest.mark.parametrize("other", ["99999999-999999", "99991231-235959", "29991231-235959"])
def test_a_folder_of_an_impossible_time_moves_no_clock(small_run: Run, checkpoints: Path, other: str) -> None:
    """A healthy run may be called so; one that is no run tells nothing."""
    if other.startswith("2999"):
        (checkpoints / f"{other}-mlp-aaaa").mkdir(parents=True)
    else:
        copy_run(small_run, checkpoints, f"{other}-mlp-aaaa")
    assert new_run(NOON).run_id.startswith("20261122-120000-")


def test_a_clock_that_jumps_while_a_run_trains_and_between_two_sittings_changes_no_elapsed_time(
    checkpoints: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, real, offset = new_run(epochs=6), time.time, [0.0]
    monkeypatch.setattr(time, "time", lambda: real() + offset[0])
    steps = []

    def jump(event: object) -> None:
        steps.append(event)
        offset[0] = (-1e8, 0.0, 1e8)[len(steps) % 3]

    asked = iter(range(1000))
    begun = time.monotonic()
    assert trainer.train_run(run.folder, should_stop=lambda: next(asked) > 10, on_event=jump) == "stopped"
    offset[0] = -2e8
    left = seconds_left(run, read_history(run), [])
    assert left is not None
    assert 0 <= left < 600
    assert trainer.train_run(run.folder, on_event=jump) == "finished"
    took, history = time.monotonic() - begun, read_history(run)
    elapsed = list(history.step_seconds)
    assert elapsed == sorted(elapsed)
    assert history.elapsed_seconds <= took
    assert history.step == list(range(1, history.total_steps + 1))
    assert "finished" in card_html(run).lower()


@pytest.mark.parametrize("hours", [-1000, 1000])
def test_that_a_worker_was_asked_for_is_forgotten_whatever_the_clock_says(checkpoints: Path, hours: int) -> None:
    run = new_run()
    asked = run.folder / "asked"
    asked.touch()
    assert is_asked_for(run)
    then = time.time() + 3600 * hours
    os.utime(asked, (then, then))
    assert not is_asked_for(run)


def test_a_run_from_the_future_is_not_said_to_be_made_just_now() -> None:
    zone = timezone(timedelta(hours=1))
    assert moment(NOON + YEARS, NOON) == "14 May 2032"
    assert moment((NOON + timedelta(hours=2)).astimezone(zone), NOON.astimezone(zone)) == "today 15:00"
    assert moment(NOON + timedelta(seconds=30), NOON) == "just now"


def test_another_content_of_the_same_time_and_size_is_seen(checkpoints: Path) -> None:
    """`cp -p` over a file: the same inode, the same time, as many bytes."""
    run = new_run()
    path = run.folder / "run.json"
    future = time.time_ns() + 10**18
    os.utime(path, ns=(future, future))
    assert load_run(run.folder).train.batch_size == 256
    path.write_text(path.read_text().replace('"batch_size": 256', '"batch_size": 128'))
    os.utime(path, ns=(future, future))
    assert load_run(run.folder).train.batch_size == 128


def test_a_history_that_was_copied_over_is_read_anew_though_it_is_longer(small_run: Run, tmp_path: Path) -> None:
    whole = (small_run.folder / "history.jsonl").read_text().splitlines(keepends=True)
    path, other = tmp_path / "history.jsonl", tmp_path / "other"
    path.write_text("".join(whole[: len(whole) // 2]))
    reader = HistoryReader(path)
    assert len(reader.read().step) > 0
    lines = [json.loads(line) for line in whole]
    other.write_text("".join(json.dumps(line | ({"loss": 1.5} if "loss" in line else {})) + "\n" for line in lines))
    assert other.stat().st_size > path.stat().st_size
    shutil.copyfile(other, path)
    history = reader.read()
    assert set(history.step_loss) == {1.5}
    assert history.damaged_lines == 0


def test_pictures_stay_in_the_order_of_keeping_after_a_clock_was_set_back(tmp_path: Path) -> None:
    import numpy as np

    picture = np.full((28, 28), 255, np.uint8)
    moments = [NOON, NOON, NOON - YEARS, NOON + timedelta(seconds=1), NOON]
    kept = [picture_store.keep(tmp_path, picture, 7, now=now) for now in moments]
    assert sorted(kept) == kept
    assert len(set(kept)) == len(kept)
