"""A run that is taught: a copy of its base, resumed bit for bit, and a report that says what teaching changed."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import load_file, save_file

from mnist_core.__main__ import main
from mnist_core.datasets import registry
from mnist_core.errors import CheckpointError, DatasetError
from mnist_core.finetuning import before_after, examples, finetune
from mnist_core.finetuning.finetune import UNEVALUATED, create_fine_tuning_run, load_report
from mnist_core.finetuning.work import load_standing
from mnist_core.networks.config import ModelConfig
from mnist_core.runs import store
from mnist_core.runs.run import Run, load_run
from mnist_core.runs.status import read_history, status_of
from mnist_core.runs.weights import load_model
from mnist_core.training.config import TrainConfig
from mnist_core.types import Dataset
from mnist_core.workers import trainer


@pytest.fixture(autouse=True)
def few_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tenth of the steps: what they teach is measured elsewhere."""
    monkeypatch.setattr(examples, "STEPS", 15)


@pytest.fixture
def hand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this test's handwriting lies; empty."""
    folder = tmp_path / "handwriting"
    monkeypatch.setenv("MNIST_HANDWRITING", str(folder))
    return folder


@pytest.fixture
def base(dataset: Dataset) -> Run:
    """A trained run of a small network."""
    run = store.create_run(dataset, ModelConfig("mlp", (16,)), TrainConfig(epochs=2, batch_size=16))
    trainer.train_run(run.folder)
    return run


def write(hand: Path, n: int) -> None:
    """`n` different pictures: bars as long as their number, by turns of each label."""
    for number in range(n):
        picture = np.zeros((60, 120), np.uint8)
        picture[10 : 20 + number % 7, 10 : 40 + number] = 255
        path = hand / str(number % 10) / f"{number:03}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(picture).save(path)


def stop_after(n: int):
    """A `should_stop` that says yes from the n-th time on."""
    asked = [0]

    def should_stop() -> bool:
        asked[0] += 1
        return asked[0] > n

    return should_stop


def weights(run: Run) -> bytes:
    return (run.folder / "weights.safetensors").read_bytes()


def taught(base: Run) -> Run:
    run, _ = create_fine_tuning_run(base)
    assert trainer.train_run(run.folder) == "finished"
    return run


def test_teaching_makes_a_new_run_that_names_its_base_and_leaves_that_as_it_is(hand: Path, base: Run) -> None:
    write(hand, 3)
    before = weights(base)
    run = taught(base)
    assert load_run(run.folder).base == base.run_id
    assert run.name == "Fine-tuned on 3 of my digits"
    assert status_of(run) == "finished"
    assert read_history(run).step == list(range(1, 16))
    assert weights(base) == before
    assert weights(run) != before


def test_one_picture_is_enough_to_learn_and_too_few_to_judge(hand: Path, base: Run) -> None:
    write(hand, 1)
    report = load_report(taught(base).folder)
    assert report is not None
    assert report.is_complete
    assert report.own is None
    assert len(report.taught) == 1
    assert report.old is not None
    assert report.old.n == 20


def test_few_pictures_are_each_judged_by_a_copy_that_had_not_learned_them(hand: Path, base: Run) -> None:
    write(hand, 20)
    report = load_report(taught(base).folder)
    assert report is not None
    assert report.method == "folds"
    assert report.own is not None
    assert report.own.n == 20
    assert UNEVALUATED not in report.after + report.taught


def test_of_many_pictures_those_held_out_are_judged_by_the_run_itself(hand: Path, base: Run) -> None:
    write(hand, 60)
    run = taught(base)
    report, given = load_report(run.folder), examples.load_examples(run.folder)
    assert report is not None
    assert report.method == "held out"
    assert report.own is not None
    evaluated = np.array(report.after) != UNEVALUATED
    assert np.array_equal(evaluated, given.spared)
    assert report.own.n == given.spared.sum() > 10


@pytest.mark.parametrize("n", [1, 8, 17, 40, 75])
def test_stopped_and_resumed_in_learning_or_judging_it_ends_with_the_same_bytes(hand: Path, base: Run, n: int) -> None:
    write(hand, 12)
    whole, run = taught(base), create_fine_tuning_run(base)[0]
    assert trainer.train_run(run.folder, should_stop=stop_after(n)) == "stopped"
    assert status_of(run) == "stopped"
    assert trainer.train_run(run.folder) == "finished"
    assert weights(run) == weights(whole)
    assert load_report(run.folder) == load_report(whole.folder)


def test_it_goes_on_when_base_and_handwriting_are_gone(hand: Path, base: Run) -> None:
    write(hand, 12)
    run, _ = create_fine_tuning_run(base)
    trainer.train_run(run.folder, should_stop=stop_after(5))
    shutil.rmtree(hand)
    shutil.rmtree(base.folder)
    assert trainer.train_run(run.folder) == "finished"


def test_a_taught_run_is_not_taught_further_but_its_base_anew(hand: Path, base: Run) -> None:
    write(hand, 3)
    first = taught(base)
    shutil.rmtree(base.folder)
    again = taught(first)
    assert again.base == base.run_id
    assert weights(again) == weights(first)


def test_without_handwriting_there_is_no_run(hand: Path, base: Run) -> None:
    with pytest.raises(DatasetError, match="no handwriting"):
        create_fine_tuning_run(base)
    assert store.list_runs() == [base]


def test_a_run_without_weights_cannot_be_taught(hand: Path, dataset: Dataset) -> None:
    write(hand, 3)
    with pytest.raises(CheckpointError, match="no weights to copy"):
        create_fine_tuning_run(store.create_run(dataset, ModelConfig("mlp", (16,)), TrainConfig()))


@pytest.mark.parametrize("file", [finetune.BASE_FILE, examples.FILE])
def test_what_the_run_was_given_damaged_is_told_in_its_history(hand: Path, base: Run, file: str) -> None:
    write(hand, 3)
    run, _ = create_fine_tuning_run(base)
    (run.folder / file).write_bytes(b"eggs")
    with pytest.raises(CheckpointError, match="damaged"):
        trainer.train_run(run.folder)
    assert status_of(run) == "failed"
    assert file in read_history(run).error


@pytest.mark.parametrize("text", ["", "[]", "3", '{"old": null}', '{"old": {"n": 3}}'])
def test_a_damaged_report_is_an_error_that_names_the_file(tmp_path: Path, text: str) -> None:
    (tmp_path / finetune.FILE).write_text(text)
    with pytest.raises(CheckpointError, match=r"teaching\.json is damaged"):
        load_report(tmp_path)


def test_a_report_whose_digits_are_none_is_damaged(hand: Path, base: Run) -> None:
    write(hand, 3)
    path = taught(base).folder / finetune.FILE
    values = json.loads(path.read_text())
    for change in ({"after": [1]}, {"taught": [1, 2, 10]}, {"method": "guess"}, {"parts_done": 9}):
        path.write_text(json.dumps({**values, **change}))
        with pytest.raises(CheckpointError, match="damaged"):
            load_report(path.parent)


def test_a_run_of_the_first_version_has_no_base(base: Run) -> None:
    path = base.folder / "run.json"
    values = json.loads(path.read_text())
    del values["base"]
    path.write_text(json.dumps(values))
    assert load_run(base.folder).base is None


def test_a_base_that_is_no_run_id_is_damage(base: Run) -> None:
    path = base.folder / "run.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "base": "../../etc"}))
    with pytest.raises(CheckpointError, match="base is not a valid run ID"):
        load_run(base.folder)


def test_the_old_data_are_the_bases_own_unless_they_are_not_here(
    base: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert finetune.old_dataset(base) == "digits"
    monkeypatch.setattr(registry, "is_available", lambda name: name == "digits")
    for name in ("mnist", "handwriting"):
        assert finetune.old_dataset(store.replace(base, dataset=name)) == "digits"


def test_the_command_teaches_and_prints_before_and_after(hand: Path, base: Run, capsys) -> None:
    write(hand, 12)
    assert main(["teach", base.run_id, "--json"]) == 0
    summary = json.loads(capsys.readouterr().out)
    assert summary["status"] == "finished"
    assert summary["base"] == base.run_id
    assert summary["pictures"] == summary["own"]["n"] == 12
    for part in ("own", "old"):
        for when in ("before", "after"):
            low, high = summary[part][f"{when}_interval"]
            assert low - 1e-9 <= summary[part][when] <= high + 1e-9


def test_the_command_without_handwriting_says_what_to_do(hand: Path, base: Run, capsys) -> None:
    assert main(["teach", "latest"]) == 2
    assert "draw a digit" in capsys.readouterr().err


def test_the_command_for_people_says_what_it_left_out(hand: Path, base: Run, capsys) -> None:
    write(hand, 2)
    (hand / "0" / "eggs.png").write_text("eggs")
    assert main(["teach", base.run_id]) == 0
    said = capsys.readouterr()
    assert "was fine-tuned on 2 pictures" in said.out
    assert "eggs.png" in said.err


def test_only_what_decides_is_trained_and_the_work_ends_at_one(hand: Path, dataset: Dataset) -> None:
    base = store.create_run(dataset, ModelConfig("cnn"), TrainConfig(epochs=1, batch_size=64))
    trainer.train_run(base.folder)
    write(hand, 12)
    run = taught(base)
    before, after = (load_file(of.folder / "weights.safetensors") for of in (base, run))
    changed = {name.split(".")[0] for name in before if not np.array_equal(before[name], after[name])}
    assert {"hidden", "output"} <= changed <= {"hidden", "output", "temperature", "refuse_above"}
    assert load_standing(run.folder).done == 1.0


def test_a_run_that_an_earlier_version_trained_as_a_whole_is_compared_by_its_own_features(
    hand: Path, dataset: Dataset
) -> None:
    base = store.create_run(dataset, ModelConfig("cnn"), TrainConfig(epochs=1, batch_size=64))
    trainer.train_run(base.folder)
    write(hand, 12)
    run, _ = create_fine_tuning_run(base)
    assert trainer.train_run(run.folder, should_stop=stop_after(20)) == "stopped"
    path = run.folder / "weights.safetensors"
    weights_now = load_file(path)
    weights_now["conv1.weight"] = -weights_now["conv1.weight"]
    save_file(weights_now, path)
    assert trainer.train_run(run.folder) == "finished"
    report = load_report(run.folder)
    assert report is not None
    assert report.old is not None
    old = registry.load("digits").validation
    right = before_after.read_all(load_model(run), old.images, views=1) == old.labels
    assert report.old.after == right.sum()
