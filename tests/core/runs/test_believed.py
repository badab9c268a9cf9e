"""What a run's folder says is believed only where it can be true."""

import json
import os
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from mnist_core.__main__ import main
from mnist_core.errors import CheckpointError
from mnist_core.runs import epochs, store
from mnist_core.runs.checkpoint import load_state, restore_run
from mnist_core.runs.history import FILE, MAX_DAMAGED, HistoryReader, HistoryWriter
from mnist_core.runs.run import DamagedRun, Run, load_run
from mnist_core.runs.status import read_history, status_of
from mnist_core.runs.summary import glance
from mnist_core.runs.weights import load_model
from mnist_core.training.loop import Training


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("epochs", "1" + "0" * 400),
        ("seed", "1" + "0" * 400),
        ("learning_rate", "1" + "0" * 400),
        ("threads", "0"),
        ("threads", "true"),
        ("created", '"0001-01-01T00:00:00+00:00"'),
        ("created", '"9999-12-31T23:59:59-14:00"'),
        ("parameters", "1e308"),
        ("versions", "[" * 20_000),
    ],
)
def test_a_run_file_with_an_absurd_value_is_damaged_and_hides_nobody(
    run: Run, trained_run, capsys: pytest.CaptureFixture[str], key: str, value: str
) -> None:
    healthy = trained_run()
    values = json.loads((run.folder / "run.json").read_text())
    inside = values["train"] if key in values["train"] else values
    inside[key] = "here"
    (run.folder / "run.json").write_text(json.dumps(values).replace('"here"', value))
    listed = {item.run_id: item for item in store.list_runs()}
    assert isinstance(listed[run.run_id], DamagedRun)
    assert listed[healthy.run_id] == healthy
    assert main(["runs", "--json"]) == 0
    assert {row["status"] for row in json.loads(capsys.readouterr().out)} == {"damaged", "finished"}


@pytest.mark.parametrize(
    "value", ["null", '"=cmd|calc"', "1e308", "NaN", "Infinity", "-1", "1" + "0" * 400, "[[]]", "true"]
)
@pytest.mark.parametrize(
    "key", ["time", "elapsed", "loss", "step", "train_loss", "validation_accuracy", "steps_per_epoch"]
)
def test_an_event_that_cannot_be_true_is_a_damaged_line(trained_run, key: str, value: str) -> None:
    run = trained_run()
    path = run.folder / FILE
    lines = path.read_text().splitlines()
    number = next(number for number, line in enumerate(lines) if f'"{key}"' in line)
    lines[number] = json.dumps({**json.loads(lines[number]), key: "here"}).replace('"here"', value)
    path.write_text("\n".join(lines) + "\n")
    assert read_history(run).damaged_lines == 1


def test_a_history_of_gigabytes_is_read_in_pieces_and_once(trained_run) -> None:
    run = trained_run()
    reader = HistoryReader(run.folder / FILE)
    epochs = reader.read().epochs
    os.truncate(run.folder / FILE, 5 * 10**9)
    history = reader.read()
    assert (history.epochs, history.damaged_lines > 0) == (epochs, True)
    assert reader.read().damaged_lines == history.damaged_lines


@pytest.mark.parametrize("name", ["run.json", FILE, "notes.json", "lock", "asked", "state.pt", "weights.safetensors"])
def test_a_pipe_in_a_files_place_keeps_nobody_waiting(
    trained_run, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    run = trained_run()
    (run.folder / name).unlink(missing_ok=True)
    os.mkfifo(run.folder / name)
    assert main(["runs", "--json"]) == 0
    [row] = json.loads(capsys.readouterr().out)
    assert row["run_id"] == run.run_id
    status_of(run)


def test_a_worker_writes_into_no_pipe(run: Run) -> None:
    os.mkfifo(run.folder / FILE)
    with pytest.raises(CheckpointError, match="not a regular file"):
        HistoryWriter(run.folder / FILE, elapsed=0.0)


def edit(path: Path, name: str, change) -> None:
    weights = load_file(path)
    save_file({**weights, name: change(weights[name])}, path)


def test_weights_that_are_not_finite_are_damaged(trained_run, capsys: pytest.CaptureFixture[str]) -> None:
    run = trained_run()
    edit(run.folder / "weights.safetensors", "output.bias", lambda bias: bias * float("nan"))
    with pytest.raises(CheckpointError, match=r"output\.bias has numbers that are not finite"):
        load_model(run)
    assert main(["evaluate", run.run_id, "--json"]) == 2
    assert "not finite" in capsys.readouterr().err


def test_weights_so_large_that_the_answers_are_no_numbers_are_damaged(
    trained_run, capsys: pytest.CaptureFixture[str]
) -> None:
    run = trained_run()
    edit(run.folder / "weights.safetensors", "output.weight", lambda weight: torch.full_like(weight, 3e38))
    assert main(["evaluate", run.run_id, "--json"]) == 2
    assert "what it says of an image is not a number" in capsys.readouterr().err


@pytest.mark.parametrize(
    "best",
    [[1], 3, {"x": torch.zeros(1)}, {1: 2}, "shapes", "nan"],
    ids=["list", "int", "other", "odd", "shapes", "nan"],
)
def test_what_cannot_be_this_networks_weights_is_never_restored(trained_run, best: object) -> None:
    run = trained_run()
    damaged = run.folder / "weights.safetensors"
    damaged.write_bytes(b"")
    for name in ("state.pt", "state-before.pt"):
        values = torch.load(run.folder / name, weights_only=True)
        change = {"shapes": lambda tensor: tensor.flatten()[:1], "nan": lambda tensor: tensor * float("nan")}.get(
            str(best)
        )
        values["best"] = {key: change(tensor) for key, tensor in values["best"].items()} if change else best
        torch.save(values, run.folder / name)
    with pytest.raises(CheckpointError, match="is damaged"):
        restore_run(run)
    assert damaged.read_bytes() == b""


def test_a_saved_run_file_of_another_run_is_not_restored(trained_run) -> None:
    run, other = trained_run(), trained_run(stopped_after=14)
    for name in ("state.pt", "state-before.pt"):
        (run.folder / name).write_bytes((other.folder / name).read_bytes())
    (run.folder / "run.json").unlink()
    with pytest.raises(CheckpointError, match=f"it is the state of {other.run_id}"):
        restore_run(run)
    with pytest.raises(CheckpointError, match="is missing"):
        load_run(run.folder)


@pytest.mark.parametrize(
    "line", [b"\n", b"x\n", b'{"event":"step",' + b"y" * 84 + b"\n"], ids=["blank", "short", "long"]
)
def test_a_history_that_is_none_is_given_up_and_not_read_again(trained_run, line: bytes) -> None:
    run = trained_run()
    with (run.folder / FILE).open("ab") as file:
        file.write(line * 200_000)
    reader = HistoryReader(run.folder / FILE)
    history = reader.read()
    assert (len(history.epochs), history.damaged_lines) == (run.epochs, MAX_DAMAGED)
    assert reader.read().damaged_lines == MAX_DAMAGED
    glanced = glance(run.folder / FILE)
    assert (glanced.epochs, glanced.damaged_lines) == (history.epochs, MAX_DAMAGED)


ODD_TYPES = {
    "float64": lambda tensor: torch.full_like(tensor, 1e300, dtype=torch.float64),
    "complex": lambda tensor: tensor.to(torch.complex64),
    "float8": lambda tensor: tensor.to(torch.float8_e4m3fn),
    "int8": lambda tensor: tensor.to(torch.int8),
}


@pytest.mark.parametrize("change", ODD_TYPES.values(), ids=ODD_TYPES)
def test_weights_of_another_type_are_damaged(trained_run, change) -> None:
    run = trained_run()
    edit(run.folder / "weights.safetensors", "output.bias", change)
    with pytest.raises(CheckpointError, match=r"output\.bias should be plain torch\.float32 numbers"):
        load_model(run)


def change_states(run: Run, change) -> None:
    for name in ("state.pt", "state-before.pt"):
        values = torch.load(run.folder / name, weights_only=True)
        change(values)
        torch.save(values, run.folder / name)


@pytest.mark.parametrize(
    "best",
    [[1], 3, "x", None, torch.ones(1), torch.ones(3), "sparse", "float8", "meta"],
    ids=["list", "int", "text", "none", "one number", "numbers", "sparse", "float8", "meta"],
)
def test_a_state_whose_best_weights_are_none_is_neither_restored_nor_resumed(trained_run, best: object) -> None:
    run = trained_run()
    (run.folder / "weights.safetensors").write_bytes(b"")
    odd = {
        "sparse": lambda tensor: tensor.to_sparse() if tensor.ndim else tensor,
        "float8": ODD_TYPES["float8"],
        "meta": lambda tensor: tensor.to("meta"),
    }

    def change(values) -> None:
        made = odd.get(best) if isinstance(best, str) else None
        values["best"] = {name: made(tensor) for name, tensor in values["best"].items()} if made else best

    change_states(run, change)
    with pytest.raises(CheckpointError, match="is damaged"):
        restore_run(run)
    with pytest.raises(CheckpointError, match="is damaged"):
        load_state(Training.begin(run.model, run.train), run)
    assert (run.folder / "weights.safetensors").read_bytes() == b""


@pytest.mark.parametrize(
    ("name", "value"), [("step", 10**400), ("step", -5), ("epochs_done", 10**9), ("seen", 10**13), ("loss_sum", 1e400)]
)
def test_a_state_that_counts_what_cannot_be_is_not_resumed(trained_run, name: str, value: float) -> None:
    run = trained_run()
    change_states(run, lambda values: values["training"].update({name: value}))
    with pytest.raises(CheckpointError, match="does not fit this run's network"):
        load_state(Training.begin(run.model, run.train), run)


def test_a_state_larger_than_its_network_can_have_is_not_read(trained_run) -> None:
    run = trained_run()
    change_states(run, lambda values: values.update(more=torch.zeros(10_000_000)))
    with pytest.raises(CheckpointError, match="more than the"):
        restore_run(run)


def test_a_split_larger_than_any_data_set_is_damage(run: Run) -> None:
    values = json.loads((run.folder / "run.json").read_text())
    values["split_sizes"]["test"] = 10**9
    (run.folder / "run.json").write_text(json.dumps(values))
    with pytest.raises(CheckpointError, match="split_sizes"):
        load_run(run.folder)


def test_an_epoch_whose_names_alone_are_megabytes_is_not_read(trained_run) -> None:
    run = trained_run()
    path = epochs.path_of(run.folder, 1)
    path.parent.mkdir(exist_ok=True)
    save_file({f"{number:06}": torch.zeros(0) for number in range(20_000)}, path)
    with pytest.raises(CheckpointError, match="its names are too long"):
        epochs.load_epoch(run, 1, most=4)
