"""A run's card: everything is on it, nothing comes from outside, and no text from a file becomes markup."""

import json
import re
import shlex
from dataclasses import asdict, replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from small_runs import copy_run

from mnist_core.__main__ import _parser
from mnist_core.cli.arguments import given_settings
from mnist_core.datasets import registry as data
from mnist_core.errors import CheckpointError, DatasetError
from mnist_core.export.command_line import train_command
from mnist_core.export.run_card import card_html, no_card_html
from mnist_core.finetuning.examples import Examples, save_examples
from mnist_core.finetuning.finetune import UNEVALUATED, FineTuningReport, save_report
from mnist_core.networks.config import ModelConfig
from mnist_core.runs import evaluations, store
from mnist_core.runs.run import Run
from mnist_core.training.config import TrainConfig

VOID = {"meta", "img", "br"}
HOSTILE = "</title><script>alert(1)</script>\"'&<img src=x onerror=y> \ud800\x00 {x} --name=-z"


class Page(HTMLParser):
    """A document as its reader sees it; everything opened must be closed in turn."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.by_tag: dict[str, list[str]] = {}
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.by_tag.setdefault(tag, []).append("")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag
        if tag in ("th", "td"):
            self.by_tag["tr"][-1] += " "

    def handle_data(self, data):
        if "style" in self.open:
            return
        self.words.append(data)
        for name in set(self.open):
            self.by_tag[name][-1] += data

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def texts(self, tag: str) -> list[str]:
        return self.by_tag.get(tag, [])

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture
def judged(small_run, checkpoints) -> Run:
    return copy_run(small_run, checkpoints, judged=True)


@pytest.fixture
def unjudged(small_run, checkpoints) -> Run:
    return copy_run(small_run, checkpoints)


def rows(page: Page) -> list[str]:
    return [" ".join(row.split()) for row in page.texts("tr")]


def test_every_part_is_there(judged):
    page = Page(card_html(judged))
    assert page.texts("h2") == [
        "Results",
        "Loss",
        "Accuracy",
        "Confusion matrix",
        "Most confident mistakes",
        "Settings",
        "Data set",
        "Environment",
        "Reproduce this run",
    ]
    for words in (judged.run_id, judged.dataset_checksum, judged.machine, *judged.versions.values(), "1,258 images"):
        assert words in page.text
    assert page.texts("pre")[0].strip() == f"python -m mnist_core repeat {judged.run_id}"


def test_accuracies_say_of_what_they_are_and_test_how_often_it_was_evaluated(judged):
    evaluations.evaluate_run(judged, "test")
    validation, test = rows(Page(card_html(judged)))[1:3]
    assert re.match(r"Small digits validation best weights, epoch [12] of 2 ?\d+(\.\d)? % ± \d", validation)
    assert re.match(r"Small digits test best weights, evaluated twice ?\d+(\.\d)? % ± \d", test)
    assert "359" in test


def test_a_card_evaluates_nothing_and_says_that_nothing_was_evaluated(unjudged):
    page = Page(card_html(unjudged))
    assert rows(page)[2] == "Small digits test Not evaluated yet."
    assert evaluations.times_taken(unjudged, "test") == 0
    assert not list(unjudged.folder.glob("evaluation*"))


def test_without_an_evaluation_the_matrix_says_how_to_get_one(unjudged):
    page = Page(card_html(unjudged))
    assert f"python -m mnist_core evaluate {unjudged.run_id} --split validation" in page.text
    assert "Most confident mistakes" not in page.text


def test_an_evaluation_of_earlier_weights_is_not_shown_as_one_of_these(judged):
    (judged.folder / "weights.safetensors").write_bytes(b"others")
    assert "These weights have not been evaluated; earlier ones were evaluated once." in Page(card_html(judged)).text


def test_the_matrix_has_headings_and_the_counts_of_the_test_split(judged):
    page = Page(card_html(judged))
    evaluation = evaluations.load_evaluation(judged, "test")
    matrix = np.zeros((10, 10), int)
    np.add.at(matrix, (evaluation.labels, evaluation.predictions), 1)
    cells = page.texts("td")[-100:]
    counts = np.array([int(cell or 0) for cell in cells]).reshape(10, 10)
    assert (counts == matrix).all()
    scopes = [heading.get("scope") for heading in page.all("th")]
    assert scopes.count("row") == 10 + 2
    assert "359 Small digits test images, best weights" in page.texts("caption")[0]


def test_without_a_test_evaluation_the_matrix_is_that_of_validation(unjudged):
    evaluations.evaluate_run(unjudged, "validation")
    page = Page(card_html(unjudged))
    assert "180 Small digits validation images, best weights" in page.texts("caption")[0]
    assert "Small digits test Not evaluated yet." in page.text


def test_the_most_confident_mistakes_are_pictures_with_the_truth_beside_them(judged):
    page = Page(card_html(judged))
    evaluation = evaluations.load_evaluation(judged, "test")
    wrong = np.flatnonzero(evaluation.labels != evaluation.predictions)
    first = wrong[np.argmax(evaluation.probabilities[wrong].max(1))]
    true, predicted = evaluation.labels[first], evaluation.predictions[first]
    pictures = page.all("img")
    assert len(pictures) == min(12, len(wrong))
    assert pictures[0]["alt"] == f"a handwritten {true}, predicted as {predicted}"
    assert all(picture["src"].startswith("data:image/png;base64,") for picture in pictures)
    assert page.texts("li")[0].strip().startswith(f"predicted {predicted}: ")


def test_where_every_image_is_classified_correctly_none_is_shown(judged, monkeypatch):
    evaluation = evaluations.load_evaluation(judged, "test")
    perfect = replace(evaluation, predictions=evaluation.labels)
    monkeypatch.setattr(evaluations, "load_evaluation", lambda run, split: perfect)
    page = Page(card_html(judged))
    assert "None of 359 misclassified." in page.text
    assert not page.all("img")


def test_where_the_images_are_missing_the_mistakes_are_still_told(judged, monkeypatch):
    def missing(name):
        raise DatasetError("no digits here")

    monkeypatch.setattr(data, "load", missing)
    page = Page(card_html(judged))
    assert "The images themselves cannot be shown: no digits here" in page.text
    assert page.texts("li")[0].strip().startswith("predicted ")
    assert not page.all("img")


def test_curves_are_pictures_with_a_sentence_for_those_who_cannot_see_them(judged):
    page = Page(card_html(judged))
    loss, accuracy = (svg for svg in page.all("svg") if svg.get("class") == "chart")
    assert loss["role"] == accuracy["role"] == "img"
    assert re.match(r"Loss over epochs: train \d\.\d+ in epoch 1, .* validation .* in epoch 2\.", loss["aria-label"])
    assert "% in epoch 2" in accuracy["aria-label"]
    drawn = [path for path in page.all("path") if path.get("class") == "curve"]
    assert [path.get("data-name", "") for path in drawn] == ["", "training", "validation", "training", "validation"]
    for path in drawn:
        points = np.array([[int(n) for n in point.split()] for point in path["d"].removeprefix("M").split("L")])
        assert (points >= 0).all()
        assert (points <= 10_000).all()
        assert (np.diff(points[:, 0]) > 0).all()


@pytest.mark.parametrize("history", ["", "garbage\n", '{"event":"step"}\n'])
def test_a_run_without_a_step_has_empty_axes_and_no_accuracy(judged, history):
    (judged.folder / "history.jsonl").write_text(history)
    page = Page(card_html(judged))
    assert "No epoch has finished yet." in page.text
    assert page.text.count("Nothing measured yet") == 2
    assert "interrupted, 0 of 2 epochs done" in page.text
    assert ("1 line cannot be read" in page.text) == bool(history)


def test_a_run_that_failed_says_why(judged):
    with (judged.folder / "history.jsonl").open("a") as file:
        file.write(json.dumps({"event": "failed", "time": 1.0, "elapsed": 1.0, "error": "out of <luck>"}) + "\n")
    page = Page(card_html(judged))
    assert "failed 1 Jan 1970, 00:00 UTC after 2 of 2 epochs: out of <luck>" in page.text


@pytest.mark.parametrize("file", ["evaluation.json", "evaluation-test.npz", "notes.json"])
def test_what_is_damaged_is_said_and_the_rest_stands(judged, file):
    (judged.folder / file).write_text("[")
    page = Page(card_html(judged))
    assert f"{file} is damaged" in page.text
    assert "Reproduce this run" in page.text


def test_a_run_deleted_meanwhile_is_said_to_be(judged):
    store.delete_run(judged)
    with pytest.raises(CheckpointError, match="deleted"):
        card_html(judged)


def test_an_extended_run_says_what_was_added(small_run, checkpoints):
    run = copy_run(small_run, checkpoints, extended_by=[3, 1])
    page = Page(card_html(run))
    assert "2 + 3 + 1" in page.texts("dd")
    assert "stopped" in page.text
    assert "2 of 6 epochs done" in page.text
    assert "Its first 2 epochs, before it was extended" in page.text


def test_notes_and_tags_are_shown_as_they_were_typed(judged):
    note, tag = f"wide\n<b>net</b> {HOSTILE}", "<script>x</script>\"'&"
    (judged.folder / "notes.json").write_text(json.dumps({"note": note, "tags": ["a & b", tag]}))
    page = Page(card_html(judged))
    assert "wide <b>net</b> </title><script>alert(1)</script>" in page.text
    assert {"a & b", tag} <= set(page.texts("span"))
    assert not page.all("script")
    assert not page.all("b")


def test_no_text_from_a_file_becomes_markup(small_run, checkpoints):
    run = copy_run(
        small_run,
        checkpoints,
        judged=True,
        name=HOSTILE,
        machine=HOSTILE,
        versions={HOSTILE: HOSTILE, "torch": HOSTILE},
    )
    html = card_html(run)
    html.encode("utf8")
    page = Page(html)
    assert not page.all("script")
    assert not any("onerror" in attributes for _, attributes in page.tags)
    assert not any((attributes.get("src") or "data:").startswith("x") for _, attributes in page.tags)
    assert "</title><script>alert(1)</script>" in page.texts("h1")[0]


def test_where_there_can_be_no_card_a_page_says_why(small_run, checkpoints):
    html = no_card_html(copy_run(small_run, checkpoints, name=HOSTILE), f"it was deleted by {HOSTILE}")
    html.encode("utf8")
    page = Page(html)
    assert page.texts("h1")[0].startswith("No run card for </title><script>")
    assert "it was deleted by </title><script>" in page.texts("p")[0]
    assert not page.all("script")
    assert not page.all("h2")


def test_it_needs_nothing_but_itself(judged):
    html = card_html(judged)
    page = Page(html)
    assert not {name for name, _ in page.tags} & {"script", "link", "iframe", "object", "a", "form", "base"}
    for _, attributes in page.tags:
        assert not (attributes.keys() & {"href", "srcset", "onclick", "onload"})
        assert (attributes.get("src") or "data:").startswith("data:")
    assert "url(" not in html
    assert "@import" not in html
    assert "http" not in re.sub(r"http-equiv", "", html)
    [policy] = [meta["content"] for meta in page.all("meta") if meta.get("http-equiv")]
    assert policy.startswith("default-src 'none'")


def test_it_is_light_on_paper_and_follows_the_reader_on_a_screen(judged):
    html = card_html(judged)
    assert "@media screen and (prefers-color-scheme: dark)" in html
    assert "size: A4" in html


def test_the_same_run_has_the_same_card_html(judged):
    assert card_html(judged) == card_html(judged)


@pytest.mark.parametrize(
    ("model", "train"),
    [
        (ModelConfig("mlp", (48, 16), 0.25), TrainConfig(epochs=3, learning_rate=0.1, optimizer="sgd", seed=7)),
        (ModelConfig("cnn", dropout=0.1, size="large"), TrainConfig(weight_decay=1e-05, schedule="constant")),
        (ModelConfig(), TrainConfig(batch_size=7, augment="strong", precision="bfloat16", device="cpu")),
    ],
)
def test_the_command_repeats_every_setting(small_run, checkpoints, model, train):
    run = copy_run(
        small_run, checkpoints, name="--name 'x' \"y\" $z", threads=3, model=asdict(model), train=asdict(train)
    )
    threads, python, *words = shlex.split(train_command(run))
    assert (threads, python, words[:2]) == ("OMP_NUM_THREADS=3", "python", ["-m", "mnist_core"])
    options = _parser().parse_args(words[2:])
    assert ModelConfig(**given_settings(options, ModelConfig)) == model
    came_to = replace(train, precision=run.precision, device=run.device)
    assert TrainConfig(**given_settings(options, TrainConfig)) == came_to
    assert (options.data, options.name) == (run.dataset, run.name)


def test_the_card_has_the_command_as_it_can_be_copied(judged):
    assert Page(card_html(judged)).texts("pre")[1].strip() == train_command(judged)


def test_a_run_that_was_taught_says_before_and_after_and_how_to_teach_again(small_run, checkpoints):
    base = "20251122-142501-mlp-aaaa"
    run = copy_run(small_run, checkpoints, base=base)
    save_examples(Examples(np.zeros((1, 28, 28), np.uint8), np.array([1]), np.array([False])), run.folder)
    assert "Not evaluated yet, or too few images." in Page(card_html(run)).text
    digits = [n % 10 for n in range(20)]
    judged = FineTuningReport("folds", digits, [0] * 20, digits, digits, None, 5, 5)
    save_report(judged, run.folder)
    page = Page(card_html(run))
    assert "Own digits before fine-tuning 10 % (" in page.text
    assert "Own digits after fine-tuning 100 % (" in page.text
    assert page.texts("pre")[0].strip() == f"python -m mnist_core teach {base}"
    save_report(replace(judged, after=[UNEVALUATED] * 20), run.folder)
    assert "Not evaluated yet, or too few images." in Page(card_html(run)).text


def test_the_command_writes_a_file_and_says_which(judged, tmp_path, monkeypatch, capsys):
    from mnist_core.__main__ import main

    monkeypatch.chdir(tmp_path)
    assert main(["card", judged.run_id, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"run_id": judged.run_id, "file": f"{judged.run_id}.html"}
    assert Path(f"{judged.run_id}.html").read_text(encoding="utf8") == card_html(judged)
    assert main(["card", "latest", "--output", "-"]) == 0
    assert capsys.readouterr().out == card_html(judged)
    assert main(["card", "latest", "--output", "-", "--json"]) == 2
    assert "both write to standard output" in capsys.readouterr().err
    assert main(["card", "latest", "--output", "no/such/folder.html"]) == 2
    assert "cannot write no/such/folder.html" in capsys.readouterr().err
