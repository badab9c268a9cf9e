import json
import os
import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from mnist_core import paths
from mnist_core.errors import CheckpointError
from mnist_core.networks.config import ModelConfig
from mnist_core.runs import status, store
from mnist_core.runs.lock import hold
from mnist_core.runs.run import RUN_FILE, RUN_ID, DamagedRun, load_run, run_text, write_run
from mnist_core.runs.status import is_at_work, status_of
from mnist_core.runs.weights import load_model
from mnist_core.training.config import TrainConfig
from mnist_core.workers import trainer

NOON = datetime(2026, 11, 22, 14, 25, 1, tzinfo=UTC)


def test_a_run_id_is_time_model_and_a_random_part():
    run_id = store.new_run_id(NOON, "cnn")
    assert re.fullmatch(r"20261122-142501-cnn-[a-z0-9]{4}", run_id)
    assert RUN_ID.fullmatch(run_id)
    assert run_id != store.new_run_id(NOON, "cnn")


def test_what_was_created_is_loaded_to_the_letter(run):
    assert load_run(run.folder) == run
    assert run.parameters == 784 * 16 + 16 + 160 + 10
    assert run.split_sizes == {"train": 70, "validation": 20, "test": 30}


def test_runs_are_listed_newest_first(dataset):
    ids = [
        store.create_run(dataset, ModelConfig(), TrainConfig(), now=NOON.replace(minute=minute)).run_id
        for minute in (5, 9, 1)
    ]
    assert [run.run_id for run in store.list_runs()] == sorted(ids, reverse=True)


def test_a_list_has_what_others_did_to_a_run_since_the_last(run):
    path = run.folder / RUN_FILE
    assert store.list_runs() == [run]
    other = replace(run, name="elsewhere")
    path.write_text(run_text(other), encoding="utf8")  # in place, as an editor may
    assert store.list_runs() == [other]
    path.write_text("{", encoding="utf8")
    assert isinstance(store.list_runs()[0], DamagedRun)
    write_run(run)
    assert store.list_runs() == [run]


def test_no_folder_yet_is_no_runs(checkpoints):
    assert not checkpoints.exists()
    assert store.list_runs() == []


def test_files_and_folders_of_other_names_are_not_runs(checkpoints, run):
    (checkpoints / "README.md").write_text("hello")
    (checkpoints / "backup").mkdir()
    assert store.list_runs() == [run]


def test_a_run_is_found_by_a_unique_beginning_or_as_the_latest(dataset):
    first, second = (
        store.create_run(dataset, ModelConfig(), TrainConfig(), now=NOON.replace(minute=minute)) for minute in (1, 2)
    )
    assert store.find_run(first.run_id) == first
    assert store.find_run("20261122-1402") == second
    assert store.find_run("latest") == second
    with pytest.raises(CheckpointError, match="matches 2 runs"):
        store.find_run("2026")


@pytest.mark.parametrize("reference", ["nothing", "", "../..", "latest"])
def test_a_reference_to_no_run_says_so(reference, checkpoints):
    with pytest.raises(CheckpointError, match="no run"):
        store.find_run(reference)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "is missing"),
        ("", "is damaged: Input data was truncated"),
        ("{", "is damaged: Input data was truncated"),
        ("[]", "is damaged: Expected `object`, got `array`"),
        ("{}", "is damaged: Object missing required field `run_id`"),
        ("\x00" * 50, "is damaged: JSON is malformed"),
        (" " * 1_000_001, "is damaged: longer than the 1,000,000 bytes it may have"),
    ],
)
def test_a_damaged_run_file_is_listed_with_its_reason_and_breaks_nothing_else(dataset, run, content, reason):
    broken = store.create_run(dataset, ModelConfig(), TrainConfig())
    path = broken.folder / "run.json"
    path.unlink() if content is None else path.write_text(content)
    listed = {item.run_id: item for item in store.list_runs()}
    assert listed[run.run_id] == run
    assert isinstance(listed[broken.run_id], DamagedRun)
    assert reason in listed[broken.run_id].reason
    assert "run.json" in listed[broken.run_id].reason


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("dataset", "../etc"),
        ("model", {"kind": "rnn", "hidden": [1], "dropout": 0}),
        ("train", {"epochs": 1}),
        ("created", "yesterday"),
        ("created", "2026-11-22T14:25:01"),
        ("split_sizes", {"train": 70}),
        ("split_sizes", {"train": 70, "validation": 20, "test": 0}),
        ("parameters", "many"),
        ("threads", None),
        ("device", "tpu"),
        ("run_id", "20260101-000000-mlp-aaaa"),
    ],
)
def test_a_run_file_with_an_odd_value_is_damaged(run, key, value):
    path = run.folder / "run.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), key: value}))
    [listed] = store.list_runs()
    assert isinstance(listed, DamagedRun)
    with pytest.raises(CheckpointError, match=re.escape(str(path))):
        load_run(run.folder)


def test_a_folder_that_cannot_be_written_is_one_sentence(dataset, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("MNIST_CHECKPOINTS", str(tmp_path / "file"))
    with pytest.raises(CheckpointError, match="set MNIST_CHECKPOINTS"):
        store.create_run(dataset, ModelConfig(), TrainConfig())


def test_a_run_is_renamed_and_keeps_its_id(run):
    renamed = store.rename_run(run, "  wide \n and shallow " + "x" * 200)
    assert renamed.name == ("wide and shallow " + "x" * 200)[: store.MAX_NAME]
    assert load_run(run.folder) == renamed


def test_a_run_that_is_trained_is_not_deleted_and_one_at_rest_is(run):
    with hold(run.folder / "lock"), pytest.raises(CheckpointError, match="stop it first"):
        store.delete_run(run)
    store.delete_run(run)
    assert not run.folder.exists()


def test_a_run_that_is_about_to_be_trained_is_not_deleted_under_its_worker(run):
    (run.folder / "asked").touch()
    assert status_of(run) == "starting"
    with pytest.raises(CheckpointError, match="about to be trained"):
        store.delete_run(run)
    os.utime(run.folder / "asked", (0, 0))
    store.delete_run(run)


@pytest.mark.parametrize("change", [store.delete_run, lambda run: store.rename_run(run, "mine")])
def test_a_run_that_somebody_else_has_deleted_is_said_to_be_gone(run, change):
    store.delete_run(run)
    with pytest.raises(CheckpointError, match="no longer exists"):
        change(run)


def test_a_damaged_run_can_be_deleted(run):
    (run.folder / "run.json").unlink()
    [damaged] = store.list_runs()
    store.delete_run(damaged)
    assert store.list_runs() == []


def test_shipped_runs_are_found_and_kept(run, tmp_path):
    shipped = tmp_path / "shipped"
    shipped.mkdir()
    run.folder.rename(shipped / run.run_id)
    (shipped / "shipped.json").write_text(json.dumps([run.run_id]))
    [listed] = store.list_runs()
    assert listed.shipped
    assert store.find_run("latest") == listed
    for change in (store.delete_run, lambda r: store.rename_run(r, "mine")):
        with pytest.raises(CheckpointError, match="ships with the app"):
            change(listed)


def test_the_status_follows_lock_and_events(run):
    assert status_of(run) == "interrupted"  # created, and no worker asked for
    (run.folder / "asked").touch()
    assert status_of(run) == "starting"
    os.utime(run.folder / "asked", (NOON.timestamp(), NOON.timestamp()))
    assert status_of(run) == "interrupted"  # nobody came
    with hold(run.folder / "lock"):
        assert status_of(run) == "queued"
    trainer.train_run(run.folder)
    assert status_of(run) == "finished"


def test_who_is_at_work_is_told_without_the_history(run, monkeypatch):
    monkeypatch.setattr(status, "read_history", None)
    assert not is_at_work(run)
    (run.folder / "asked").touch()
    assert is_at_work(run)
    (run.folder / "asked").unlink()
    with hold(run.folder / "lock"):
        assert is_at_work(run)
    assert not is_at_work(run)


def test_weights_that_are_missing_or_damaged_are_one_sentence(run):
    with pytest.raises(CheckpointError, match="no weights yet"):
        load_model(run)
    (run.folder / "weights.safetensors").write_bytes(b"\x00" * 100)
    with pytest.raises(CheckpointError, match="damaged"):
        load_model(run)


def test_weights_of_another_network_are_refused(run, dataset):
    trainer.train_run(run.folder)
    other = replace(run, model=ModelConfig("cnn"))
    with pytest.raises(CheckpointError, match="from another network"):
        load_model(other)


def test_without_shipped_models_the_newest_trained_run_predicts(run):
    with pytest.raises(CheckpointError, match="train one first"):
        store.default_run()
    trainer.train_run(run.folder)
    assert store.default_run() == run


def test_places_can_be_moved(monkeypatch, tmp_path):
    monkeypatch.setenv("MNIST_CHECKPOINTS", str(tmp_path / "elsewhere"))
    assert paths.checkpoints_folder() == tmp_path / "elsewhere"
    monkeypatch.setenv("MNIST_CHECKPOINTS", "  ")
    assert paths.checkpoints_folder() == paths.shipped_folder()
