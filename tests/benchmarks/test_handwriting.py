"""The handwriting benchmark on small folders made here: what it tells, tolerates and refuses."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from drawings import digit, on_paper, paste
from PIL import Image

from benchmarks import handwriting
from benchmarks.contact_sheet import write_sheet
from benchmarks.handwriting import calibration, naively_resized, read_all, uncalibrated_confidences
from benchmarks.labelled import read_labels
from mnist_core.datasets import registry
from mnist_core.reading.predict import probabilities_of
from mnist_core.runs.run import WEIGHTS_FILE, Run
from mnist_core.runs.weights import load_model


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Nine digits, five of them wrongly labelled, a number, a letter that has no ink, and what cannot be read."""
    folder = tmp_path / "hands"
    folder.mkdir()
    split = registry.load("digits").test
    rows = []
    for n in range(9):
        Image.fromarray(split.images[n]).save(folder / f"{n}.png")
        label = split.labels[n] if n < 4 else (split.labels[n] + 1) % 10
        rows.append(f"{n}.png,canvas,{label},writer {n % 3}")
    page = np.zeros((120, 220), np.uint8)
    paste(page, digit(7, 80, 8), 10, 20)
    paste(page, digit(4, 80, 8), 120, 20)
    Image.fromarray(page).save(folder / "number.png")
    Image.fromarray(np.full((60, 60), 255, np.uint8)).save(folder / "letter.png")
    (folder / "text.png").write_text("I am no picture")
    rows += ["number.png,number,99,page", "letter.png,letter,,pad", "text.png,photo,3,x", "odd.png,photo,three,x"]
    (folder / "labels.csv").write_text("file,kind,label,source\n" + "\n".join([*rows, "none.png,photo,3,x"]))
    return folder


def benchmark(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["handwriting", *arguments, "--no-timings"])
    return handwriting.main()


def test_one_json_document_tells_each_kind_and_what_was_left_out(
    run: Run, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sheets = tmp_path / "sheets"
    assert benchmark(monkeypatch, str(folder), "--run", run.run_id, "--sheets", str(sheets), "--json") == 0
    told = json.loads(capsys.readouterr().out)
    kinds = {row["kind"]: row for row in told["kinds"]}
    assert list(kinds) == ["canvas", "number", "letter"]
    assert kinds["canvas"]["read"]["n"] == kinds["canvas"]["naive"]["n"] == 9
    assert kinds["canvas"]["read"]["sources"] == 3
    assert 4 <= kinds["canvas"]["read"]["wrong"] <= 9
    assert kinds["number"]["naive"] is None
    assert kinds["number"]["read"]["same_length"] == 1
    assert (kinds["letter"]["read"]["right"], kinds["letter"]["sheet"]) == (1, None)
    assert [sentence.split(":")[0] for sentence in told["unread"]] == ["text.png", "none.png"]
    assert [sentence.split(":")[0] for sentence in told["odd_rows"]] == ["odd.png"]
    assert set(told["calibration_error"]) == {"all", "canvas"}
    assert Path(kinds["canvas"]["sheet"]).parent == sheets
    assert sorted(path.name for path in sheets.iterdir()) == ["canvas-digit.png", "number-number.png"]


def test_for_people_it_is_a_table_that_names_what_is_missing(
    run: Run, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert benchmark(monkeypatch, str(folder), "--run", run.run_id, "--sheets", str(tmp_path / "sheets")) == 0
    told = capsys.readouterr().out
    assert "no pictures of kind photo, scan, drawn, small here" in told
    assert "2 could not be read" in told
    assert "text.png: Expected" in told
    assert "expected calibration error" in told


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [(["nowhere"], "labels.csv cannot be read"), (["{folder}", "--kinds", "chalk"], "there is no kind chalk here")],
)
def test_what_the_user_can_put_right_is_one_sentence_and_exit_2(
    run: Run,
    folder: Path,
    arguments: list[str],
    sentence: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert benchmark(monkeypatch, *(argument.format(folder=folder) for argument in arguments)) == 2
    said = capsys.readouterr()
    assert sentence in said.err
    assert said.out == ""


def test_uncalibrated_confidences_are_those_of_temperature_1(run: Run) -> None:
    from safetensors.torch import load_file, save_file

    images = registry.load("digits").test.images[:20]
    weights = load_file(run.folder / WEIGHTS_FILE)

    def confidences(temperature: float) -> np.ndarray:
        save_file({**weights, "temperature": torch.tensor(temperature)}, run.folder / WEIGHTS_FILE)
        return probabilities_of(load_model(run), images).max(1)

    plain, modest = confidences(1.0), confidences(3.0)
    assert np.all(modest < plain)
    np.testing.assert_allclose(uncalibrated_confidences(run, images), plain, atol=1e-6)


def test_calibration_counts_pictures_of_one_digit_only(run: Run, folder: Path) -> None:
    readings = read_all(load_model(run), read_labels(folder).pictures)
    told = calibration(run, readings.answers)
    assert told["all"] == told["canvas"]
    assert told["all"]["n"] == 9
    assert calibration(run, [a for a in readings.answers if a.of.kind == "letter"]) == {}


def test_the_naive_way_turns_dark_on_light_round_and_looks_no_further() -> None:
    drawn = digit(7)
    np.testing.assert_array_equal(naively_resized(drawn), naively_resized(255 - drawn))
    assert naively_resized(on_paper(drawn)).shape == (28, 28)


def test_a_sheet_holds_the_errors_only(run: Run, folder: Path, tmp_path: Path) -> None:
    readings = read_all(load_model(run), read_labels(folder).pictures)
    canvas = [answer for answer in readings.answers if answer.of.kind == "canvas"]
    wrong = [answer for answer in canvas if not answer.is_right]
    assert write_sheet(tmp_path / "errors.png", canvas) == len(wrong) > 0
    with Image.open(tmp_path / "errors.png") as sheet:
        assert sheet.width > 1000
    assert write_sheet(tmp_path / "none.png", [answer for answer in canvas if answer.is_right]) == 0
    assert not (tmp_path / "none.png").exists()
