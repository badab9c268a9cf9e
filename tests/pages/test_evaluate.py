"""The page Evaluate in its empty, working and failed states. What a click on the matrix does is in tests/browser."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from on_screen import buttons, captions, chart, links, said
from streamlit.testing.v1 import AppTest
from waiting import HANG_SECONDS

from mnist_core import paths
from mnist_core.runs import evaluations, store
from mnist_core.runs.lock import hold
from mnist_core.runs.run import Run
from mnist_core.statistics.confusion_matrix import confusion_matrix

Open = Callable[..., AppTest]
ANOTHER, YET_ANOTHER = "20251122-142501-mlp-aaaa", "20241122-142501-mlp-bbbb"

IMPORTS_NO_TORCH = f"""
import sys
from streamlit.testing.v1 import AppTest
for page in ("evaluate.py", "runs.py"):
    at = AppTest.from_file("pages/_router.py", default_timeout={HANG_SECONDS})
    at.switch_page(page)
    at.run()
    shown = [component.proto.id for component in at.get("bidi_component")]
    assert not at.exception and any(each.endswith(("-confusion", "-compare")) for each in shown), page
print("torch" in sys.modules)
"""


def press(at: AppTest, label: str) -> None:
    """Click the one button whose label begins so."""
    [button] = [button for button in at.button if button.label.startswith(label)]
    button.click().run()


def test_without_a_trained_model_it_says_what_to_do(open_page: Open) -> None:
    at = open_page("evaluate")
    assert "no trained model to evaluate yet" in said(at)
    assert links(at) == ["Train one"]


def test_a_run_without_weights_cannot_be_examined(open_page: Open, trained_run: Run) -> None:
    (trained_run.folder / "weights.safetensors").unlink()
    assert "no trained model to evaluate yet" in said(open_page("evaluate"))


def test_a_run_is_judged_when_asked_to_and_the_result_is_kept(open_page: Open, trained_run: Run) -> None:
    at = open_page("evaluate", split="test")
    assert "not been evaluated on its 359 test images yet" in said(at)
    assert not at.metric
    press(at, "Evaluate on the")
    assert not at.exception
    kept = evaluations.load_evaluation(trained_run, "test")
    assert kept is not None
    assert at.metric[0].value.startswith(f"{100 * kept.accuracy:.1f} % ± ")
    assert [metric.value for metric in at.metric[1:]] == [
        f"{np.sum(kept.labels != kept.predictions)} of 359",
        f"{kept.loss:.3f}",
        "1",
    ]
    assert buttons(at) == []


def test_a_run_that_nobody_has_evaluated_opens_with_its_validation_images_which_cost_nothing(
    open_page: Open, trained_run: Run
) -> None:
    at = open_page("evaluate")
    assert not at.exception
    assert at.segmented_control(key="evaluate_split").value == "validation"
    assert at.metric[1].value.endswith(" of 180")
    assert evaluations.times_taken(trained_run, "test") == 0
    evaluations.evaluate_run(trained_run, "test")
    assert open_page("evaluate").metric[1].value.endswith(" of 359")


def test_a_run_whose_weights_still_change_is_evaluated_only_when_asked_to(open_page: Open, trained_run: Run) -> None:
    with hold(trained_run.folder / "lock"):
        at = open_page("evaluate")
    assert "not been evaluated on its 180 validation images yet" in said(at)
    assert not at.metric


def test_the_matrix_shows_the_counts_of_the_evaluation(open_page: Open, evaluated_run: Run) -> None:
    at = open_page("evaluate")
    evaluation = evaluations.load_evaluation(evaluated_run, "test")
    assert evaluation is not None
    matrix = confusion_matrix(evaluation)
    drawn = chart(at, "confusion")
    diagonal = [note["text"] for note in drawn["fig"]["layout"]["annotations"]]
    assert diagonal == [str(n) if n else "" for n in np.diag(matrix)]
    worst = int((matrix - np.diag(np.diag(matrix))).max())
    assert f"The most frequent error: {worst} times" in drawn["description"]
    assert at.dataframe[0].value["images"].tolist() == matrix.sum(axis=1).tolist()
    assert at.dataframe[0].value["recall"].tolist() == pytest.approx(100 * np.diag(matrix) / matrix.sum(axis=1))


def test_shares_are_shown_when_asked_for_and_stay_over_a_change_of_page(open_page: Open, evaluated_run: Run) -> None:
    at = open_page("evaluate")
    at.segmented_control(key="matrix_numbers").set_value("Percent").run()
    at.switch_page("runs.py").run()
    at.switch_page("evaluate.py").run()
    assert at.segmented_control(key="matrix_numbers").value == "Percent"


def worst_cell(run: Run) -> tuple[int, int, int]:
    """True label, predicted label and number of the most frequent mistake."""
    evaluation = evaluations.load_evaluation(run, "test")
    assert evaluation is not None
    errors = confusion_matrix(evaluation)
    np.fill_diagonal(errors, 0)
    true, predicted = np.unravel_index(int(errors.argmax()), errors.shape)
    return int(true), int(predicted), int(errors.max())


def test_the_cell_of_the_address_is_framed_and_shows_its_images_the_surest_first(
    open_page: Open, evaluated_run: Run
) -> None:
    true, predicted, count = worst_cell(evaluated_run)
    at = open_page("evaluate", cell=f"{true}-{predicted}")
    assert f"{true} read as {predicted}" in [heading.value for heading in at.subheader]
    assert f"Chosen: {count} images of a {true} read as {predicted}." in said(at)
    [frame] = chart(at, "confusion")["fig"]["layout"]["shapes"]
    assert (round(frame["y0"] + 0.48), round(frame["x0"] + 0.48)) == (true, predicted)
    shown = captions(at)
    assert len(shown) == min(count, 12)
    assert all(caption.startswith(f"read {predicted}: ") and f"\ntrue {true}: " in caption for caption in shown)
    sure = [float(caption.split()[2]) for caption in shown]
    assert sure == sorted(sure, reverse=True)


def test_images_read_right_are_shown_the_least_sure_first(open_page: Open, evaluated_run: Run) -> None:
    at = open_page("evaluate", cell="0-0")
    assert "0 read correctly" in said(at)
    sure = [float(caption.split()[1]) for caption in captions(at)]
    assert len(sure) == 12
    assert sure == sorted(sure)


def test_without_a_cell_all_mistakes_are_shown(open_page: Open, evaluated_run: Run) -> None:
    at = open_page("evaluate")
    assert "What it gets wrong" in said(at)
    assert len(captions(at)) == 12
    assert "All mistakes" not in buttons(at)


def opens(at: AppTest) -> list[int]:
    """Which images the gallery opens."""
    body = next(html.proto.body for html in at.get("html") if "data-open" in html.proto.body)
    return [int(index) for index in re.findall(r'<figure data-open="(\d+)" role="button" tabindex="0"', body)]


def test_an_open_image_shows_its_ten_probabilities_its_label_and_where_it_comes_from(
    open_page: Open, evaluated_run: Run
) -> None:
    evaluation = evaluations.load_evaluation(evaluated_run, "test")
    assert evaluation is not None
    index = opens(open_page("evaluate"))[0]
    at = open_page("evaluate", split="test", image=str(index))
    true, predicted = evaluation.labels[index], evaluation.predictions[index]
    assert f"**A {true}, read as {predicted}**" in said(at)
    assert f"Image {index} of the 359 test images of Small digits" in said(at)
    [drawn] = [html.proto.body for html in at.get("html") if 'class="bars"' in html.proto.body]
    shares = [float(share) for share in re.findall(r"--share: ([^\"]+)", drawn)]
    np.testing.assert_allclose(shares, evaluation.probabilities[index], atol=1e-6)
    assert "".join(at.query_params["image"]) == str(index)  # AppTest: a text where the page wrote it, else a list


def test_previous_and_next_go_through_the_images_behind_the_cell_and_end_there(
    open_page: Open, evaluated_run: Run
) -> None:
    true, predicted, count = worst_cell(evaluated_run)
    at = open_page("evaluate", cell=f"{true}-{predicted}")
    shown = opens(at)
    at = open_page("evaluate", split="test", cell=f"{true}-{predicted}", image=str(shown[0]))
    assert at.button(key="image_previous").disabled
    assert f"1 of {count}" in said(at)
    at.button(key="image_next").click().run()
    assert at.query_params["image"] == str(shown[1])
    at.button(key="image_previous").click().run()
    assert at.query_params["image"] == str(shown[0])
    at.button(key="close_image").click().run()
    assert "image" not in at.query_params
    assert opens(at) == shown


@pytest.mark.parametrize("image", ["", "x", "-1", "359", "99999999999", "３"])
def test_an_image_that_is_not_there_leaves_the_gallery(open_page: Open, evaluated_run: Run, image: str) -> None:
    at = open_page("evaluate", split="test", image=image)
    assert len(opens(at)) == 12


def test_another_cell_closes_the_open_image(open_page: Open, evaluated_run: Run) -> None:
    at = open_page("evaluate", split="test", cell="3-5", image="7")
    at.button(key="clear_cell").click().run()
    assert "image" not in at.query_params


def test_an_open_image_is_taken_to_the_canvas_and_read_there(open_page: Open, evaluated_run: Run) -> None:
    at = open_page("evaluate", split="test", image="7")
    press(at, "Take it to the canvas")
    at.switch_page("predict.py").run()
    assert not at.exception
    assert any("Read as" in html.proto.body or "Not a digit" in html.proto.body for html in at.get("html"))
    assert not [one for one in at.button if one.key == "right_drawn"]  # a test image must not be learned from
    assert not [one for one in at.segmented_control if one.key == "was_drawn"]
    at.button(key="pad_undo").click().run()
    assert "Draw a digit" in said(at)


def test_a_cell_with_nothing_behind_it_says_so(open_page: Open, evaluated_run: Run) -> None:
    evaluation = evaluations.load_evaluation(evaluated_run, "test")
    assert evaluation is not None
    true, predicted = np.argwhere(confusion_matrix(evaluation) == 0)[0]
    at = open_page("evaluate", cell=f"{true}-{predicted}")
    assert f"None of the {np.sum(evaluation.labels == true)} images of a {true}." in said(at)


@pytest.mark.parametrize("cell", ["", "3", "3-", "33", "10-3", "a-b", "３-５", "-3-5"])
def test_nonsense_in_the_address_is_no_cell(open_page: Open, evaluated_run: Run, cell: str) -> None:
    assert "What it gets wrong" in said(open_page("evaluate", cell=cell))


def test_all_mistakes_leads_back_from_a_cell(open_page: Open, evaluated_run: Run) -> None:
    at = open_page("evaluate", cell="3-5")
    at.button(key="clear_cell").click().run()
    assert "cell" not in at.query_params
    assert "What it gets wrong" in said(at)


def test_another_run_or_split_begins_without_a_cell_and_stands_in_the_address(
    open_page: Open, add_run: Callable[..., Run]
) -> None:
    newest, older = add_run(judged=True), add_run(ANOTHER, judged=True)
    at = open_page("evaluate", cell="3-5")
    assert at.selectbox(key="evaluate_run").value == newest.run_id
    at.selectbox(key="evaluate_run").set_value(older.run_id).run()
    assert at.query_params == {"run": older.run_id}
    at = open_page("evaluate", cell="3-5", run=older.run_id)
    at.segmented_control(key="evaluate_split").set_value("validation").run()
    assert at.query_params == {"run": older.run_id, "split": "validation"}
    assert at.metric[1].value.endswith(" of 180")


@pytest.mark.parametrize("split", ["", "train", "everything"])
def test_a_split_that_cannot_be_asked_for_is_the_exam(open_page: Open, evaluated_run: Run, split: str) -> None:
    assert open_page("evaluate", split=split).metric[1].value.endswith(" of 359")


def test_a_link_to_a_run_that_cannot_be_shown_says_why_and_shows_another(
    open_page: Open, evaluated_run: Run, add_run: Callable[..., Run]
) -> None:
    without_weights, damaged = add_run(ANOTHER, name="not *yet*"), add_run(YET_ANOTHER)
    (without_weights.folder / "weights.safetensors").unlink()
    (damaged.folder / "run.json").write_text("{")
    for wanted, reason in [
        (without_weights.run_id, r"not \*yet\* has no weights yet"),
        (damaged.run_id, "is damaged"),
        ("20200101-000000-cnn-cccc", "was not found"),
        ("<b>../..", "no valid run ID"),
    ]:
        at = open_page("evaluate", run=wanted)
        assert reason in at.info[0].value
        assert at.metric[1].value.endswith(" of 359")
        assert at.selectbox(key="evaluate_run").value == evaluated_run.run_id


def test_a_run_of_mnist_on_a_machine_without_it_keeps_its_figures_and_offers_the_download(
    open_page: Open, no_mnist: None, add_run: Callable[..., Run]
) -> None:
    add_run(judged=True, dataset="mnist")
    at = open_page("evaluate")
    assert at.metric[1].value.endswith(" of 359")
    assert "MNIST is not on this machine yet" in said(at)
    assert "Download MNIST" in buttons(at)


def test_a_run_of_mnist_cannot_be_judged_on_a_machine_without_it(
    open_page: Open, no_mnist: None, add_run: Callable[..., Run]
) -> None:
    add_run(dataset="mnist")
    assert buttons(open_page("evaluate")) == ["Download MNIST"]


def test_a_run_of_handwriting_that_is_not_here_leads_to_where_it_is_written(
    open_page: Open, add_run: Callable[..., Run]
) -> None:
    add_run(judged=True, dataset="handwriting")
    at = open_page("evaluate")
    assert "“My handwriting” is not on this machine" in said(at)
    assert links(at) == ["Write some digits"]


def test_images_of_another_data_set_are_not_shown_as_if_they_were_the_ones(
    open_page: Open, add_run: Callable[..., Run]
) -> None:
    add_run(judged=True, dataset_checksum="another")
    at = open_page("evaluate")
    assert "not the one this run used" in said(at)
    assert not [html for html in at.get("html") if "<figcaption" in html.proto.body]


def test_a_run_is_not_judged_on_images_it_may_have_been_trained_on(
    open_page: Open, add_run: Callable[..., Run]
) -> None:
    add_run(dataset_checksum="another")
    at = open_page("evaluate", split="test")
    press(at, "Evaluate on the")
    assert not at.exception
    assert "may have seen these test images" in at.error[0].value


@pytest.mark.parametrize(("file", "content"), [("evaluation.json", "["), ("evaluation-test.npz", "nothing")])
def test_a_damaged_evaluation_is_named_and_can_be_forgotten_and_taken_again(
    open_page: Open, evaluated_run: Run, file: str, content: str
) -> None:
    (evaluated_run.folder / file).write_text(content)
    at = open_page("evaluate")
    assert "is damaged" in at.error[0].value
    assert file in at.error[0].value.replace("\\", "")
    at.button(key="discard").click().run()
    press(at, "Evaluate on the")
    assert not at.exception
    assert at.metric[1].value.endswith(" of 359")


def test_damaged_weights_are_one_sentence(open_page: Open, trained_run: Run) -> None:
    (trained_run.folder / "weights.safetensors").write_bytes(b"\x00" * 100)
    at = open_page("evaluate", split="test")
    press(at, "Evaluate on the")
    assert not at.exception
    assert "is damaged or from another network" in at.error[0].value


def test_a_run_deleted_in_another_tab_is_said_to_be_gone_and_no_other_is_judged_in_its_place(
    open_page: Open, trained_run: Run, add_run: Callable[..., Run]
) -> None:
    other = add_run(ANOTHER)
    at = open_page("evaluate", run=other.run_id, split="test")
    store.delete_run(other)
    press(at, "Evaluate on the")
    assert not at.exception
    assert "was not found" in at.info[0].value
    assert evaluations.times_taken(trained_run, "test") == 0


def test_the_result_of_earlier_weights_is_not_shown_as_that_of_later_ones(open_page: Open, evaluated_run: Run) -> None:
    weights = evaluated_run.folder / "weights.safetensors"
    weights.write_bytes(weights.read_bytes() + b" ")
    at = open_page("evaluate")
    assert not at.metric
    assert "with older weights" in said(at)


def test_a_run_that_is_being_trained_says_so(open_page: Open, evaluated_run: Run) -> None:
    assert "still training" not in said(open_page("evaluate"))
    with hold(evaluated_run.folder / "lock"):
        assert "still training" in said(open_page("evaluate"))


def test_a_run_without_a_mistake_says_so(open_page: Open, evaluated_run: Run) -> None:
    evaluation = evaluations.load_evaluation(evaluated_run, "test")
    assert evaluation is not None
    path = evaluated_run.folder / "evaluation-test.npz"
    right = replace(evaluation, predictions=evaluation.labels)
    np.savez(path, labels=right.labels, predictions=right.predictions, probabilities=right.probabilities)
    at = open_page("evaluate")
    assert "every image was read correctly" in said(at)
    assert at.metric[0].value.startswith("100.00 % ± ")


@pytest.mark.long
def test_what_is_kept_is_shown_without_waiting_for_torch(evaluated_run: Run) -> None:
    done = subprocess.run(
        [sys.executable, "-c", IMPORTS_NO_TORCH], cwd=paths.APP_FOLDER, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["False"]


def test_the_count_of_uses_is_kept_in_the_run(open_page: Open, evaluated_run: Run) -> None:
    path = evaluated_run.folder / "evaluation.json"
    kept = json.loads(path.read_text())
    kept["test"]["times_taken"] = 7
    path.write_text(json.dumps(kept))
    assert open_page("evaluate").metric[3].value == "7"
