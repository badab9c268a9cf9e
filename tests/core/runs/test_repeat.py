"""A run once more: identical, or where and why it is not."""

import hashlib
import json
import shutil
from dataclasses import asdict, replace
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from mnist_core import machine, paths
from mnist_core.__main__ import main
from mnist_core.datasets import registry
from mnist_core.errors import CheckpointError, ConfigError, WorkerError
from mnist_core.networks.config import ModelConfig
from mnist_core.runs import repeat, reproducibility, store
from mnist_core.runs.lock import hold
from mnist_core.runs.run import Run, load_run
from mnist_core.runs.status import read_history
from mnist_core.training.config import TrainConfig
from mnist_core.workers import trainer

TRAIN = TrainConfig(epochs=2, batch_size=128, augment="light", seed=3)
MLP = ModelConfig("mlp", (16,), dropout=0.3)


@pytest.fixture(scope="module", autouse=True)
def trained_before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where runs lie that have been trained once for all tests."""
    trained.folder = tmp_path_factory.mktemp("trained")
    return trained.folder


def trained(model: ModelConfig = MLP, train: TrainConfig = TRAIN, **changed) -> Run:
    """A finished run of this test's own; trained only if none of these settings has been."""
    key = hashlib.sha256(repr((model, train, changed)).encode()).hexdigest()
    if known := list(trained.folder.glob(f"{key}/*")):
        return load_run(Path(shutil.copytree(known[0], paths.checkpoints_folder() / known[0].name)))
    run = store.create_run(registry.load("digits"), model, train, name="wide")
    if changed:
        run = change(run, **changed)
    trainer.train_run(run.folder)
    shutil.copytree(run.folder, trained.folder / key / run.run_id)
    return run


def change(run: Run, **changed) -> Run:
    path = run.folder / "run.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changed}))
    return load_run(run.folder)


def edit_weights(run: Run, name: str, value: object) -> None:
    path = run.folder / "weights.safetensors"
    weights = load_file(path)
    weights[name] = weights[name].copy()
    weights[name].flat[0] += value
    save_file(weights, path)


def repeated(capsys, reference: object, *, exit_status: int) -> dict:
    """What `repeat --json` says."""
    assert main(["repeat", str(reference), "--json"]) == exit_status
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("model", [ModelConfig("mlp", (24, 16), dropout=0.3), ModelConfig("cnn", dropout=0.3)])
def test_a_repeat_is_identical_bit_for_bit(model, capsys):
    run = trained(model, replace(TRAIN, augment="strong"))
    assert main(["repeat", run.run_id]) == 0
    lines = capsys.readouterr().out.splitlines()
    tensors = len(load_file(run.folder / "weights.safetensors"))
    assert lines[-1] == f"identical: all {tensors} tensors, bit for bit; losses and accuracies of 2 epochs are equal"
    [new] = [other for other in store.healthy_runs() if other.run_id != run.run_id]
    assert (new.model, new.train, new.name) == (run.model, run.train, "Repeat of wide")
    weights = "weights.safetensors"
    assert (new.folder / weights).read_bytes() == (run.folder / weights).read_bytes()


def test_as_json_it_is_one_document_with_the_agreed_keys(capsys):
    run = trained()
    said = repeated(capsys, run.run_id, exit_status=0)
    assert said.pop("run_id") != run.run_id
    assert said == {
        "repeats": run.run_id,
        "identical": True,
        "tensors": 6,
        "largest_difference": 0.0,
        "differing": [],
        "epochs": 2,
        "planned_epochs": 2,
        "first_differing_epoch": None,
        "circumstances": [],
        "uncompared": None,
        "status": "finished",
    }


def test_a_tampered_weight_is_named_with_how_much_it_differs(capsys):
    run = trained()
    edit_weights(run, "output.bias", 0.5)
    said = repeated(capsys, run.run_id, exit_status=1)
    assert said["identical"] is False
    assert [tensor["tensor"] for tensor in said["differing"]] == ["output.bias"]
    assert said["largest_difference"] == pytest.approx(0.5)
    assert said["first_differing_epoch"] is None
    assert main(["repeat", run.run_id]) == 1
    out = capsys.readouterr().out
    assert "not identical: 1 of 6 tensors differ, most of all output.bias, by up to 0.5" in out
    assert "the files may have been changed" in out


def test_the_least_bit_counts(capsys):
    run = trained()
    path = run.folder / "weights.safetensors"
    weights = load_file(path)
    weights["output.bias"] = np.nextafter(weights["output.bias"], np.float32(9))
    save_file(weights, path)
    said = repeated(capsys, run.run_id, exit_status=1)
    assert 0 < said["largest_difference"] < 1e-6


def test_a_tensor_that_is_missing_or_not_finite_differs_without_a_number(capsys):
    run = trained()
    edit_weights(run, "output.bias", np.nan)
    path = run.folder / "weights.safetensors"
    weights = load_file(path)
    del weights["temperature"]
    save_file(weights, path)
    said = repeated(capsys, run.run_id, exit_status=1)
    assert said["differing"] == [
        {"tensor": "output.bias", "largest_difference": None},
        {"tensor": "temperature", "largest_difference": None},
    ]
    assert said["largest_difference"] is None


def test_the_first_epoch_whose_figures_differ_is_said(capsys):
    run = trained()
    path = run.folder / "history.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    for line in lines:
        if line["event"] == "epoch" and line["epoch"] == 2:
            line["train_loss"] += 1e-9
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert main(["repeat", run.run_id]) == 1
    out = capsys.readouterr().out
    assert "losses and accuracies differ from epoch 2 on" in out
    assert "the weights are the same, so the training was; only what the two histories say of it differs" in out
    said = repeated(capsys, run.run_id, exit_status=1)
    assert (said["identical"], said["differing"], said["first_differing_epoch"]) == (False, [], 2)


def test_what_was_not_as_before_is_said(capsys):
    run = trained()
    edit_weights(run, "output.bias", 1.0)
    run = change(run, machine="another one", versions={**run.versions, "torch": "1.0", "numpy": "1.0"})
    said = repeated(capsys, run.run_id, exit_status=1)
    assert said["circumstances"] == [
        f"torch: 1.0 then, {metadata.version('torch')} now",
        f"numpy: 1.0 then, {np.__version__} now",
        f"machine: another one then, {machine.describe()} now",
    ]


def test_precision_and_threads_are_those_that_the_run_had(capsys, monkeypatch):
    run = trained(precision="bfloat16", threads=2)
    assert run.train.precision == "auto"
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setattr(machine, "choose_precision", lambda wanted, device: "float32")
    said = repeated(capsys, run.run_id, exit_status=0)
    new = store.find_run(said["run_id"])
    assert (new.precision, new.threads, new.train) == ("bfloat16", 2, run.train)


def test_a_run_trained_on_a_gpu_wants_one(capsys):
    import torch

    if torch.cuda.is_available():
        pytest.skip("there is one")
    run = change(trained(), device="cuda")
    with pytest.raises(ConfigError, match="was trained on a GPU, but torch finds none here"):
        repeat.create_repeat(run)


def test_an_unfinished_run_is_repeated_as_far_as_it_came(capsys):
    run = store.create_run(registry.load("digits"), MLP, replace(TRAIN, epochs=4))
    epochs = []
    trainer.train_run(run.folder, on_event=lambda event: epochs.append(1), should_stop=lambda: len(epochs) == 25)
    assert len(read_history(run).epochs) == 2
    said = repeated(capsys, run.run_id, exit_status=0)
    assert (said["identical"], said["epochs"], said["status"]) == (True, 2, "stopped")
    assert main(["repeat", run.run_id]) == 0
    assert "compared as far as the training got: 2 of 4 epochs" in capsys.readouterr().out


@pytest.mark.parametrize("schedule", ["one-cycle", "constant"])
def test_an_extended_run_is_repeated_in_one_go(capsys, schedule):
    run = store.extend_run(trained(train=replace(TRAIN, epochs=1, schedule=schedule)), 2)
    trainer.train_run(run.folder)
    said = repeated(capsys, run.run_id, exit_status=0)
    assert (said["identical"], said["epochs"], said["planned_epochs"]) == (True, 3, 3)


def test_a_run_json_may_lie_anywhere_with_its_weights_beside_it(capsys, tmp_path):
    run = trained()
    elsewhere = tmp_path / "from a friend"
    shutil.copytree(run.folder, elsewhere)
    store.delete_run(run)
    assert repeated(capsys, elsewhere, exit_status=0)["tensors"] == 6
    (elsewhere / "weights.safetensors").rename(elsewhere / f"{run.run_id}.safetensors")
    (elsewhere / "run.json").rename(elsewhere / "theirs.json")
    (elsewhere / "history.jsonl").unlink()
    said = repeated(capsys, elsewhere / "theirs.json", exit_status=0)
    assert (said["tensors"], said["epochs"], said["repeats"]) == (6, 0, run.run_id)


def test_a_run_json_alone_is_trained_and_there_is_nothing_to_compare_with(capsys, tmp_path):
    run = trained()
    shutil.copy(run.folder / "run.json", tmp_path)
    said = repeated(capsys, tmp_path / "run.json", exit_status=1)
    assert (said["identical"], said["tensors"], said["largest_difference"]) == (None, None, None)
    assert said["status"] == "finished"
    assert main(["repeat", str(tmp_path)]) == 1
    out = capsys.readouterr().out
    assert f"not compared: there are no weights of {run.run_id} beside its run.json to compare with" in out


def test_a_repeat_stopped_early_compares_no_weights(capsys):
    run = trained()
    original = reproducibility.original_of(run)
    new = repeat.create_repeat(run)
    events = []
    trainer.train_run(new.folder, on_event=events.append, should_stop=lambda: len(events) == 12)
    likeness = reproducibility.compare(original, new)
    assert (likeness.identical, likeness.tensors, likeness.epochs) == (None, None, 1)
    assert "stopped after 1 of 2 epochs" in reproducibility.sentence(likeness)


def test_weights_of_an_epoch_that_is_not_repeated_are_not_compared():
    run = trained()
    original = reproducibility.original_of(run)
    later = [replace(original.epochs[-1], epoch=3, validation_accuracy=1.0)]
    new = repeat.create_repeat(run)
    trainer.train_run(new.folder)
    likeness = reproducibility.compare(replace(original, epochs=(*original.epochs, *later)), new)
    assert (likeness.identical, likeness.first_differing_epoch) == (None, None)
    assert "the saved weights are those of epoch 3" in likeness.uncompared


def test_changed_data_is_refused(capsys):
    run = change(trained(), dataset_checksum="other")
    assert main(["repeat", run.run_id]) == 2
    assert "is no longer the one" in capsys.readouterr().err
    assert len(store.list_runs()) == 1


def test_a_run_that_was_taught_is_refused_with_what_can_be_done_instead():
    base = "20251122-142501-mlp-aaaa"
    run = change(trained(), base=base)
    with pytest.raises(CheckpointError, match=f"`resume {run.run_id}`.*`teach {base}`"):
        repeat.create_repeat(run)


def test_a_run_at_work_is_refused():
    run = trained()
    (run.folder / "history.jsonl").write_text("")
    with hold(run.folder / "lock"), pytest.raises(WorkerError, match="is being trained"):
        reproducibility.original_of(run)


def test_damaged_weights_are_told_before_anything_is_trained(capsys):
    run = trained()
    (run.folder / "weights.safetensors").write_bytes(b"x")
    assert main(["repeat", run.run_id]) == 2
    assert "weights.safetensors is damaged" in capsys.readouterr().err
    assert len(store.list_runs()) == 1


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"run_id": "../../x"}, "run_id is not a valid run ID"),
        ({"run_id": 3}, "run_id: Expected `str`, got `int`"),
        ({"threads": 10**9}, "threads: Expected `int` <= 256"),
        ({"threads": 0}, "threads: Expected `int` >= 1"),
        ({"threads": True}, "threads: Expected `int`, got `bool`"),
        ({"train": {**asdict(TRAIN), "epochs": 0}}, "epochs must be between 1 and"),
    ],
)
def test_somebody_elses_run_json_is_checked(capsys, tmp_path, changed, complaint):
    run = store.create_run(registry.load("digits"), MLP, TRAIN)
    values = {**json.loads((run.folder / "run.json").read_text()), **changed}
    (tmp_path / "run.json").write_text(json.dumps(values))
    assert main(["repeat", str(tmp_path / "run.json")]) == 2
    assert complaint in capsys.readouterr().err


@pytest.mark.parametrize("reference", ["no/such/run.json", "nothing.json", "no/such/folder", "20990101", "."])
def test_what_is_no_run_is_a_users_error(capsys, reference, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["repeat", reference]) == 2
    assert capsys.readouterr().err.startswith("error: ")


def test_another_seed_keeps_everything_else():
    run = trained()
    other = repeat.create_repeat(run, seed=8)
    assert other.train == replace(run.train, seed=8)
    assert (other.precision, other.device, other.threads) == (run.precision, run.device, run.threads)
