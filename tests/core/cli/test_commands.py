"""The command line as its user meets it: `main` in this process, and once as a real process."""

import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from drawings import digit, paste
from PIL import Image
from small_runs import copy_refusing_run

from mnist_core import paths
from mnist_core.__main__ import main
from mnist_core.datasets import registry
from mnist_core.networks.config import ModelConfig
from mnist_core.runs import store
from mnist_core.runs.epochs import kept_epochs
from mnist_core.runs.run import Run
from mnist_core.runs.weights import load_model
from mnist_core.training import presets
from mnist_core.training.config import TrainConfig
from mnist_core.workers import trainer


@pytest.fixture(scope="module")
def trained(tmp_path_factory) -> Run:
    """A small network that knows scikit-learn's digits."""
    folder = tmp_path_factory.mktemp("trained") / "checkpoints"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MNIST_CHECKPOINTS", str(folder))
        run = store.create_run(registry.load("digits"), ModelConfig("mlp", (64,)), TrainConfig(epochs=8, batch_size=64))
        trainer.train_run(run.folder)
    return run


@pytest.fixture
def run(trained, monkeypatch) -> Run:
    monkeypatch.setenv("MNIST_CHECKPOINTS", str(trained.folder.parent))
    return trained


def said(capsys) -> object:
    """The one JSON document on standard output."""
    return json.loads(capsys.readouterr().out)


def test_training_prints_what_it_made_as_one_json_document(capsys):
    options = ["--data", "digits", "--epochs", "2", "--hidden", "16", "--batch-size", "64", "--name", "small"]
    assert main(["train", *options, "--json"]) == 0
    summary = said(capsys)
    assert summary["status"] == "finished"
    assert summary["epochs"] == 2
    assert summary["parameters"] == 784 * 16 + 16 + 170
    assert 0 < summary["validation_accuracy"] <= 1
    assert summary["training_seconds"] > 0
    assert summary["advice"] is None
    assert store.find_run(summary["run_id"]).name == "small"


def test_training_keeps_its_epochs_when_asked(capsys):
    options = ["--data", "digits", "--epochs", "2", "--hidden", "16", "--keep-epochs"]
    assert main(["train", *options, "--json"]) == 0
    assert kept_epochs(store.find_run(said(capsys)["run_id"])) == [1, 2]


def test_a_preset_sets_what_it_is_for_and_leaves_the_rest_to_its_user(capsys):
    assert main(["train", "--data", "digits", "--preset", "fastest", "--seed", "3", "--json"]) == 0
    train = store.find_run(said(capsys)["run_id"]).train
    assert train == replace(presets.preset("fastest", "mlp").train, seed=3)


def test_a_preset_beside_an_option_that_it_sets_is_refused(capsys):
    assert main(["train", "--data", "digits", "--preset", "fastest", "--epochs", "9", "--learning-rate", "0.1"]) == 2
    assert "--preset fastest sets --epochs, --learning-rate itself" in capsys.readouterr().err


def test_training_prints_loss_and_accuracy_of_every_epoch(capsys):
    assert main(["train", "--data", "digits", "--epochs", "2", "--hidden", "16"]) == 0
    out = capsys.readouterr().out
    assert "epoch 1/2: loss " in out
    assert "epoch 2/2: loss " in out
    assert "validation" in out
    assert "finished after" in out


def test_what_ails_a_training_is_its_last_line_and_in_its_json(capsys):
    options = ["--data", "digits", "--epochs", "1", "--hidden", "16", "--optimizer", "sgd", "--learning-rate", "1e-6"]
    assert main(["train", *options]) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert "no better than guessing" in last
    assert last.endswith("Try a learning rate of 0.1.")
    assert main(["train", *options, "--json"]) == 0
    advice = said(capsys)["advice"]
    assert (advice["kind"], advice["next_step"]) == ("nothing learned", "Try a learning rate of 0.1.")
    assert advice["sentence"] == last


def test_an_unfinished_run_is_resumed_and_a_finished_one_refused(run, capsys):
    assert main(["resume", run.run_id]) == 2
    assert "has finished all its epochs" in capsys.readouterr().err


def test_a_finished_run_is_extended_and_its_damaged_files_are_restored(capsys):
    assert main(["train", "--data", "digits", "--epochs", "1", "--hidden", "16", "--json"]) == 0
    run = store.find_run(said(capsys)["run_id"])
    assert main(["extend", run.run_id, "2", "--json"]) == 0
    assert said(capsys)["epochs"] == 3
    assert main(["extend", run.run_id, "0"]) == 2
    assert "1 to 997 can be added" in capsys.readouterr().err
    for name in ("run.json", "weights.safetensors"):
        (run.folder / name).write_bytes(b"{")
    assert main(["restore", run.run_id, "--json"]) == 0
    assert said(capsys)["restored"] == ["run.json", "weights.safetensors"]
    assert main(["restore", run.run_id]) == 0
    assert "nothing is damaged" in capsys.readouterr().out
    load_model(store.find_run(run.run_id))


def test_evaluation_has_the_agreed_fields(run, capsys):
    assert main(["evaluate", "latest", "--split", "validation", "--json"]) == 0
    summary = said(capsys)
    assert summary["run_id"] == run.run_id
    assert summary["split"] == "validation"
    low, high = summary["accuracy_interval"]
    assert low < summary["accuracy"] < high
    matrix = np.array(summary["confusion_matrix"])
    assert matrix.shape == (10, 10)
    assert matrix.sum() == summary["n"]
    assert matrix.trace() / summary["n"] == pytest.approx(summary["accuracy"])
    assert [score["label"] for score in summary["per_class"]] == list(range(10))
    assert set(summary["per_class"][0]) == {"label", "precision", "recall", "f1", "support"}


def test_evaluation_for_people_shows_accuracy_with_interval_and_the_matrix(run, capsys):
    assert main(["evaluate", run.run_id[:15], "--split", "test"]) == 0
    out = capsys.readouterr().out
    assert "95 % interval" in out
    assert "true \\ predicted" in out


@pytest.fixture
def pictures(tmp_path):
    """Five test digits of scikit-learn's as pictures, one of them dark on light, beside files that are none."""
    split = registry.load("digits").test
    folder = tmp_path / "pictures"
    (folder / "more").mkdir(parents=True)
    for index in range(4):
        Image.fromarray(split.images[index]).save(folder / f"{index}.png")
    Image.fromarray(255 - split.images[4]).save(folder / "more" / "4.png")
    Image.new("L", (28, 28)).save(folder / "blank.png")
    (folder / "text.png").write_text("I am no picture")
    (folder / ".hidden").write_text("nor am I")
    return folder, split.labels[:5]


@pytest.mark.parametrize("name", ["x" * 300 + ".png", "/".join(["long"] * 1500), "no-\udcff-text.png"])
def test_a_name_that_is_impossible_or_no_text_is_a_sentence(run, capfdbinary, name):
    for options in ([], ["--json"]):
        assert main(["predict", name, "--run", run.run_id, *options]) == 0
    said, complaints = capfdbinary.readouterr()
    assert b"Traceback" not in said + complaints
    text, document = said.decode("ascii").splitlines()
    assert json.loads(document)["predictions"][0]["error"]
    assert "could not be opened" in text or "found no file" in text


def test_a_folder_is_walked_in_order_and_a_file_that_cannot_be_read_does_not_stop_the_others(run, pictures, capsys):
    folder, labels = pictures
    assert main(["predict", str(folder), "--run", run.run_id, "--json"]) == 0
    rows = {row["file"].removeprefix(f"{folder}/"): row for row in said(capsys)["predictions"]}
    assert list(rows) == ["0.png", "1.png", "2.png", "3.png", "blank.png", "more/4.png", "text.png"]
    right = [rows[f"{n}.png"]["digit"] == label for n, label in enumerate(labels[:4])]
    right.append(rows["more/4.png"]["digit"] == labels[4])
    assert sum(right) >= 4
    assert rows["0.png"]["is_digit"]
    assert sum(rows["0.png"]["probabilities"]) == pytest.approx(1, abs=1e-5)
    assert max(rows["0.png"]["probabilities"]) == rows["0.png"]["confidence"]
    assert rows["0.png"]["text"] == str(rows["0.png"]["digit"])
    assert rows["0.png"]["error"] is None
    assert rows["blank.png"]["is_digit"] is False
    assert rows["blank.png"]["digit"] is None
    assert rows["blank.png"]["error"] is None
    assert rows["text.png"]["digit"] is None
    assert rows["text.png"]["error"]


def test_several_digits_are_read_left_to_right_with_their_boxes(run, tmp_path, capsys):
    split = registry.load("digits").test
    page = np.zeros((60, 150), np.uint8)
    for place in range(3):
        page[16:44, 10 + 45 * place : 38 + 45 * place] = split.images[place]
    Image.fromarray(page).save(tmp_path / "number.png")
    assert main(["predict", str(tmp_path / "number.png"), "--run", run.run_id, "--number", "--json"]) == 0
    [row] = said(capsys)["predictions"]
    assert len(row["digits"]) == 3
    assert row["text"] == "".join(str(digit["digit"]) for digit in row["digits"])
    lefts = [digit["box"]["left"] for digit in row["digits"]]
    assert lefts == sorted(lefts)
    assert set(row["digits"][0]["box"]) == {"left", "top", "width", "height"}


@pytest.mark.parametrize(
    ("options", "count"), [([], 3), (["--digits", "one"], 1), (["--digits", "many"], 3), (["--number"], 3)]
)
def test_how_many_digits_there_are_is_found_out_unless_said(run, tmp_path, options, count, capsys):
    page = np.zeros((160, 400), np.uint8)
    for place in range(3):
        paste(page, digit(7, 100, 10), 20 + 130 * place, 30)
    Image.fromarray(page).save(tmp_path / "page.png")
    assert main(["predict", str(tmp_path / "page.png"), "--run", run.run_id, *options, "--json"]) == 0
    [row] = said(capsys)["predictions"]
    assert len(row["digits"]) == count
    assert row["left_out"] == 3 - count
    assert main(["predict", str(tmp_path / "page.png"), "--run", run.run_id, *options]) == 0
    assert ("2 more as large as a digit left out: --digits many" in capsys.readouterr().out) == (count == 1)


@pytest.mark.parametrize("number", [[], ["--number"]])
def test_what_is_not_a_digit_is_said_to_be_none_with_the_nearest_digit(
    small_run, checkpoints, pictures, number, capsys
):
    run, file = copy_refusing_run(small_run, checkpoints), str(pictures[0] / "0.png")
    assert main(["predict", file, "--run", run.run_id, *number, "--json"]) == 0
    [row] = said(capsys)["predictions"]
    assert (row["is_digit"], row["text"], row["error"]) == (False, "", None)
    assert row["digit_probability"] < 0.5
    assert row["digit"] == int(np.argmax(row["probabilities"]))
    assert row["confidence"] == max(row["probabilities"])
    [digit] = row["digits"]
    assert (digit["is_digit"], digit["digit"]) == (False, row["digit"])
    assert main(["predict", file, "--run", run.run_id, *number]) == 0
    assert capsys.readouterr().out == f"{file}: not a digit (nearest: {row['digit']})\n"


def test_a_model_that_cannot_refuse_takes_all_ink_for_a_digit(run, pictures, capsys):
    assert main(["predict", str(pictures[0] / "0.png"), str(pictures[0] / "blank.png"), "--json"]) == 0
    assert [row["digit_probability"] for row in said(capsys)["predictions"]] == [1.0, 0.0]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["train", "--data", "digits", "--batch-size", "0"], "batch_size must be between 1 and 10000, got 0"),
        (["train", "--data", "digits", "--learning-rate", "-1"], "learning_rate must be"),
        (["train", "--data", "digits", "--hidden", "99999"], "hidden must be between 1 and 4096"),
        (["train", "--data", "handwriting"], "50 are needed"),
        (["evaluate", "nonesuch"], "no run 'nonesuch'"),
        (["predict", "missing.png"], "train one first"),
        (["stop", "latest"], "no run 'latest'"),
    ],
)
def test_what_the_user_can_put_right_is_one_sentence_and_exit_2(arguments, sentence, capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("MNIST_HANDWRITING", str(tmp_path / "none"))
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert sentence in captured.err
    assert captured.err.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["dance"],
        ["train", "--epochs", "many"],
        ["train", "--hidden", "a,b"],
        ["predict", "x", "--threshold", "300"],
    ],
)
def test_a_command_that_cannot_be_understood_exits_with_2(arguments, capsys):
    with pytest.raises(SystemExit) as exit_:
        main(arguments)
    assert exit_.value.code == 2
    assert capsys.readouterr().out == ""


def test_runs_lists_healthy_and_damaged_ones(run, capsys, tmp_path, monkeypatch):
    folder = tmp_path / "two"
    folder.mkdir()
    (folder / run.run_id).symlink_to(run.folder)
    (folder / "20260101-000000-mlp-aaaa").mkdir()
    monkeypatch.setenv("MNIST_CHECKPOINTS", str(folder))
    assert main(["runs", "--json"]) == 0
    healthy, damaged = said(capsys)
    assert (healthy["run_id"], healthy["status"]) == (run.run_id, "finished")
    assert damaged["status"] == "damaged"
    assert "run.json is missing" in damaged["reason"]


def test_data_says_what_is_here(capsys):
    assert main(["data", "--json"]) == 0
    assert said(capsys)["digits"] is True


@pytest.mark.long
def test_as_a_process_it_prints_json_only_and_importing_the_core_brings_no_streamlit(tmp_path):
    environment = {
        "PATH": "/usr/bin:/bin",
        "MNIST_CHECKPOINTS": str(tmp_path),
        "MNIST_DATA": str(tmp_path),
        "HOME": str(tmp_path),
    }
    listed = subprocess.run(
        [sys.executable, "-m", "mnist_core", "runs", "--json"],
        cwd=paths.APP_FOLDER,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert isinstance(json.loads(listed.stdout), list)
    assert listed.stderr == ""
    code = (
        "import pkgutil, sys, mnist_core\n"
        "for module in pkgutil.iter_modules(mnist_core.__path__, 'mnist_core.'):\n"
        "    if not module.name.endswith('__main__'): __import__(module.name)\n"
        "print('streamlit' in sys.modules)"
    )
    imported = subprocess.run(
        [sys.executable, "-c", code], cwd=paths.APP_FOLDER, capture_output=True, text=True, check=True
    )
    assert imported.stdout == "False\n"


def test_pictures_left_out_and_digits_missing_are_told_before_and_after_a_training(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("MNIST_HANDWRITING", str(tmp_path / "hand"))
    sevens = registry.load("digits").train
    for number, image in enumerate(sevens.images[sevens.labels == 7][:60]):
        (tmp_path / "hand" / "7").mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(tmp_path / "hand" / "7" / f"{number:02}.png")
    (tmp_path / "hand" / "7" / "Thumbs.db").write_text("no picture")
    assert main(["train", "--data", "handwriting", "--model", "linear", "--epochs", "1", "--json"]) == 0
    out, complaints = capsys.readouterr()
    assert json.loads(out)["status"] == "finished"
    skipped, before, after = complaints.splitlines()
    assert skipped.startswith("skipped: ")
    assert "Thumbs.db is not a picture" in skipped
    assert before == after
    assert "shows a 0, 1, 2, 3, 4, 5, 6, 8 or 9:" in before
