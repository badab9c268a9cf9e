import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from mnist_core import paths
from mnist_core.errors import CheckpointError
from mnist_core.runs import evaluations, store
from mnist_core.runs.run import SHIPPED_FILE, Run, load_run
from mnist_core.statistics.confusion_matrix import confusion_matrix
from mnist_core.types import Dataset


@pytest.fixture
def trained(trained_run: Callable[..., Run]) -> Run:
    return trained_run()


def change_summary(run: Run, **values: object) -> None:
    path = run.folder / evaluations.FILE
    kept = json.loads(path.read_text())
    path.write_text(json.dumps({**kept, "test": {**kept["test"], **values}}))


def change_arrays(run: Run, **values: np.ndarray) -> None:
    path = run.folder / "evaluation-test.npz"
    with np.load(path) as arrays:
        kept = {name: arrays[name] for name in arrays.files}
    np.savez(path, **{**kept, **values})


def test_what_was_kept_is_read_again_to_the_letter(trained):
    taken = evaluations.evaluate_run(trained, "test")
    kept = evaluations.load_evaluation(trained, "test")
    assert (kept.run_id, kept.split, kept.loss, kept.times_taken) == (trained.run_id, "test", taken.loss, 1)
    for name in ("labels", "predictions", "probabilities"):
        assert np.array_equal(getattr(kept, name), getattr(taken, name))
        assert getattr(kept, name).dtype == getattr(taken, name).dtype


def test_the_split_asked_for_is_the_one_read(trained, dataset):
    assert np.array_equal(evaluations.evaluate_run(trained, "test").labels, dataset.test.labels)
    assert np.array_equal(evaluations.evaluate_run(trained, "validation").labels, dataset.validation.labels)


def test_the_figures_beside_the_arrays_say_the_same(trained):
    taken = evaluations.evaluate_run(trained, "test")
    written = json.loads((trained.folder / evaluations.FILE).read_text())["test"]
    assert written["accuracy"] == taken.accuracy
    assert written["confusion_matrix"] == confusion_matrix(taken).tolist()
    assert written["accuracy_interval"][0] < taken.accuracy <= written["accuracy_interval"][1]
    assert [score["label"] for score in written["per_class"]] == list(range(10))


def test_a_split_never_asked_for_is_none(trained):
    assert evaluations.load_evaluation(trained, "test") is None
    assert evaluations.times_taken(trained, "test") == 0
    evaluations.evaluate_run(trained, "validation")
    assert evaluations.load_evaluation(trained, "test") is None


def test_every_use_of_a_split_is_counted_for_itself(trained):
    assert [evaluations.evaluate_run(trained, "test").times_taken for _ in range(3)] == [1, 2, 3]
    assert evaluations.evaluate_run(trained, "validation").times_taken == 1
    assert evaluations.times_taken(trained, "test") == 3


def test_a_result_of_earlier_weights_is_none_and_its_use_still_counts(trained):
    evaluations.evaluate_run(trained, "test")
    weights = trained.folder / "weights.safetensors"
    weights.write_bytes(weights.read_bytes() + b" ")
    assert evaluations.load_evaluation(trained, "test") is None
    assert evaluations.times_taken(trained, "test") == 1


def test_a_copied_run_keeps_its_result(trained, checkpoints):
    evaluations.evaluate_run(trained, "test")
    weights = trained.folder / "weights.safetensors"
    weights.write_bytes(weights.read_bytes())  # the same to the byte, at another time
    assert evaluations.load_evaluation(trained, "test") is not None


def test_a_run_without_weights_cannot_be_judged(run):
    with pytest.raises(CheckpointError, match="no weights yet"):
        evaluations.evaluate_run(run, "test")
    assert not (run.folder / evaluations.FILE).exists()


def test_a_run_that_was_deleted_is_said_to_be_gone(trained):
    store.delete_run(trained)
    with pytest.raises(CheckpointError, match="no longer exists"):
        evaluations.evaluate_run(trained, "test")


def test_another_data_set_than_the_runs_own_is_refused(trained, dataset, monkeypatch):
    other = Dataset(dataset.name, dataset.train, dataset.validation, dataset.test, checksum="other")
    monkeypatch.setattr("mnist_core.datasets.registry.load", lambda name: other)
    with pytest.raises(CheckpointError, match="may have seen these test images"):
        evaluations.evaluate_run(trained, "test")


@pytest.mark.parametrize("look", [evaluations.load_evaluation, evaluations.times_taken, evaluations.evaluate_run])
@pytest.mark.parametrize("content", ["", "{", "[]", '{"test": 3}', '{"test": []}'])
def test_a_damaged_summary_is_named(trained, look, content):
    evaluations.evaluate_run(trained, "test")
    path = trained.folder / evaluations.FILE
    path.write_text(content)
    with pytest.raises(CheckpointError, match=rf"{re.escape(str(path))} is damaged"):
        look(trained, "test")


@pytest.mark.parametrize("count", ["often", None, []])
def test_a_damaged_count_is_never_begun_anew_in_silence(trained, count):
    evaluations.evaluate_run(trained, "test")
    change_summary(trained, times_taken=count)
    with pytest.raises(CheckpointError, match="is damaged"):
        evaluations.evaluate_run(trained, "test")


@pytest.mark.parametrize("values", [{"loss": "low"}, {"loss": None}, {"times_taken": "often"}])
def test_an_odd_figure_is_damage(trained, values):
    evaluations.evaluate_run(trained, "test")
    change_summary(trained, **values)
    with pytest.raises(CheckpointError, match="is damaged"):
        evaluations.load_evaluation(trained, "test")


@pytest.mark.parametrize("content", [b"", b"nothing", b"PK\x03\x04 cut off"])
def test_arrays_that_are_no_archive_are_named(trained, content):
    evaluations.evaluate_run(trained, "test")
    path = trained.folder / "evaluation-test.npz"
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match=rf"{re.escape(str(path))} is damaged"):
        evaluations.load_evaluation(trained, "test")


@pytest.mark.parametrize(
    "values",
    [
        {"labels": np.zeros(29, np.uint8)},
        {"labels": np.full(30, 10, np.uint8)},
        {"predictions": np.full(30, -1, np.int8)},
        {"predictions": np.zeros(30, np.float32)},
        {"predictions": np.zeros((30, 1), np.uint8)},
        {"probabilities": np.zeros((30, 9), np.float32)},
        {"probabilities": np.full((30, 10), np.nan, np.float32)},
        {"probabilities": np.full((30, 10), 2.0, np.float32)},
        {"labels": np.array([{}] * 30, dtype=object)},
    ],
)
def test_arrays_that_cannot_be_an_evaluation_are_damage(trained, values):
    evaluations.evaluate_run(trained, "test")
    change_arrays(trained, **values)
    with pytest.raises(CheckpointError, match=r"evaluation-test\.npz is damaged"):
        evaluations.load_evaluation(trained, "test")


def test_arrays_that_are_gone_are_an_exam_to_be_taken_again(trained):
    evaluations.evaluate_run(trained, "test")
    (trained.folder / "evaluation-test.npz").unlink()
    assert evaluations.load_evaluation(trained, "test") is None
    assert evaluations.evaluate_run(trained, "test").times_taken == 2


def test_what_is_damaged_can_be_forgotten_and_the_count_stays_where_it_is_sound(trained):
    evaluations.evaluate_run(trained, "test")
    evaluations.evaluate_run(trained, "validation")
    (trained.folder / "evaluation-test.npz").write_bytes(b"nothing")
    evaluations.discard(trained, "test")
    assert evaluations.load_evaluation(trained, "validation") is not None
    assert evaluations.evaluate_run(trained, "test").times_taken == 2


def test_a_count_that_is_damaged_is_forgotten_with_it(trained):
    evaluations.evaluate_run(trained, "test")
    (trained.folder / evaluations.FILE).write_text("[")
    evaluations.discard(trained, "test")
    assert evaluations.evaluate_run(trained, "test").times_taken == 1


def test_forgetting_what_was_never_kept_changes_nothing(trained):
    evaluations.discard(trained, "test")
    assert evaluations.load_evaluation(trained, "test") is None


@pytest.mark.skipif(sys.platform == "win32", reason="limits on file sizes are Unix")
def test_a_full_disk_is_one_sentence_and_what_was_kept_before_stays(trained):
    from full_disk import full_disk

    before = evaluations.evaluate_run(trained, "test")
    with full_disk(), pytest.raises(CheckpointError, match="it must be writable and have free space"):
        evaluations.evaluate_run(trained, "test")
    kept = evaluations.load_evaluation(trained, "test")
    assert kept.times_taken == before.times_taken
    assert not list(trained.folder.glob(".*"))
    with full_disk(), pytest.raises(CheckpointError, match="it must be writable and have free space"):
        evaluations.evaluate_run(trained, "validation")  # the first of its kind
    assert evaluations.load_evaluation(trained, "validation") is None
    assert not list(trained.folder.glob("*validation*"))


@pytest.fixture
def shipped(trained: Run) -> Run:
    """The run as if it had come with the product, its test evaluation with it."""
    evaluations.evaluate_run(trained, "test")
    paths.shipped_folder().mkdir()
    folder = trained.folder.rename(paths.shipped_folder() / trained.run_id)
    (paths.shipped_folder() / SHIPPED_FILE).write_text(json.dumps([trained.run_id]))
    return load_run(folder)


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_shipped_run_shows_the_result_that_came_with_it(shipped, checkpoints):
    assert evaluations.load_evaluation(shipped, "test").times_taken == evaluations.times_taken(shipped, "test") == 1
    assert evaluations.load_evaluation(shipped, "validation") is None
    assert not (checkpoints / evaluations.OF_SHIPPED).exists()


def test_judging_a_shipped_run_leaves_its_folder_alone_and_counts_on(shipped, checkpoints):
    before = contents(paths.shipped_folder())
    shipped.folder.chmod(0o555)
    for split, times in (("test", 2), ("validation", 1), ("test", 3)):
        taken = evaluations.evaluate_run(shipped, split)
        assert taken.times_taken == evaluations.times_taken(shipped, split) == times
        assert np.array_equal(evaluations.load_evaluation(shipped, split).probabilities, taken.probabilities)
    assert contents(paths.shipped_folder()) == before
    assert (checkpoints / evaluations.OF_SHIPPED / shipped.run_id / evaluations.FILE).exists()
    assert [run.run_id for run in store.list_runs()] == [shipped.run_id]


@pytest.mark.parametrize(("file", "counted"), [(evaluations.FILE, 0), ("evaluation-test.npz", 1)])
def test_a_damaged_result_that_came_with_a_shipped_run_can_be_forgotten_too(shipped, file, counted):
    (shipped.folder / file).write_bytes(b"nothing")
    before = contents(paths.shipped_folder())
    with pytest.raises(CheckpointError, match="is damaged"):
        evaluations.load_evaluation(shipped, "test")
    evaluations.discard(shipped, "test")
    assert evaluations.load_evaluation(shipped, "test") is None
    assert evaluations.evaluate_run(shipped, "test").times_taken == counted + 1
    assert contents(paths.shipped_folder()) == before


def test_git_ignores_what_is_found_out_about_shipped_runs():
    folder = paths.APP_FOLDER / "checkpoints" / evaluations.OF_SHIPPED / "20261123-135649-cnn-dvqp"
    command = ["git", "-C", str(paths.APP_FOLDER), "check-ignore", str(folder / evaluations.FILE)]
    if not (paths.APP_FOLDER / ".git").exists():
        pytest.skip("no git checkout")
    assert subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode == 0
