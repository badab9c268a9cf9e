"""The exam of a run in a real browser: cells of the confusion matrix chosen by mouse, finger and keyboard."""

import re
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from harness import Server, has_no_sideways_scrolling, serve, wait_idle
from playwright.sync_api import Page, expect
from small_runs import copy_run

from mnist_core.runs import evaluations
from mnist_core.runs.run import Run
from mnist_core.statistics.scores import confusion_matrix
from mnist_core.types import Evaluation

Cell = tuple[int, int]  # (true label, predicted label)


@pytest.fixture(scope="module")
def examined(tmp_path_factory: pytest.TempPathFactory, small_run: Run) -> Iterator[Server]:
    """The app with a run that has been judged, and no MNIST."""
    folder = tmp_path_factory.mktemp("examined")
    copy_run(small_run, folder / "checkpoints", judged=True)
    with serve(folder, env={"MNIST_DATA": str(folder / "data")}) as server:
        yield server


@pytest.fixture(scope="module")
def evaluation(small_run: Run) -> Evaluation:
    kept = evaluations.load_evaluation(small_run, "test")
    assert kept is not None
    return kept


@pytest.fixture(scope="module")
def mistakes(evaluation: Evaluation) -> list[Cell]:
    """The cells of the three most frequent mistakes."""
    errors = confusion_matrix(evaluation)
    np.fill_diagonal(errors, 0)
    places = np.argsort(-errors, axis=None, kind="stable")[:3]
    return [(int(place) // 10, int(place) % 10) for place in places]


def open_evaluation(server: Server, page: Page, address: str = "") -> Page:
    page.goto(f"{server.url}/evaluate{address}")
    page.locator(".st-key-confusion .pv-plot[data-ready]").wait_for()
    wait_idle(page)
    return page


def centre_of(page: Page, cell: Cell) -> tuple[float, float]:
    """Where a cell's middle is, in the window."""
    x, y = page.evaluate(
        """([row, column]) => {
            const plot = document.querySelector('.st-key-confusion .pv-plot');
            plot.scrollIntoView({ block: 'center' });
            const { left, top } = plot.getBoundingClientRect(), { xaxis, yaxis } = plot._fullLayout;
            return [left + xaxis._offset + xaxis.d2p(column), top + yaxis._offset + yaxis.d2p(row)];
        }""",
        list(cell),
    )
    return x, y


def expect_images_of(page: Page, evaluation: Evaluation, cell: Cell) -> None:
    """The images behind the cell are on screen, each with its two probabilities."""
    true, predicted = cell
    count = min(12, int(confusion_matrix(evaluation)[cell]))
    expect(page.get_by_role("heading", name=f"{true} read as {predicted}", exact=True)).to_be_visible()
    pictures = page.get_by_role("img", name=f"a handwritten {true}, read as {predicted}", exact=True)
    expect(pictures).to_have_count(count)
    both = re.compile(rf"read {predicted}: [<>\d. ]+ %\s*true {true}: [<>\d. ]+ %")
    expect(page.locator(".digits figcaption", has_text=both)).to_have_count(count)


def test_a_click_on_a_cell_shows_the_images_behind_it_and_a_reload_keeps_them(
    examined: Server, page: Page, evaluation: Evaluation, mistakes: list[Cell]
) -> None:
    open_evaluation(examined, page)
    expect(page.get_by_role("heading", name="What it gets wrong")).to_be_visible()
    for cell in mistakes:
        page.mouse.click(*centre_of(page, cell))
        expect_images_of(page, evaluation, cell)
    expect(page).to_have_url(re.compile(rf"\?run={evaluation.run_id}&cell={mistakes[-1][0]}-{mistakes[-1][1]}$"))
    page.reload()
    expect_images_of(page, evaluation, mistakes[-1])
    page.get_by_role("button", name="All mistakes").click()
    expect(page.get_by_role("heading", name="What it gets wrong")).to_be_visible()
    expect(page).to_have_url(re.compile(rf"\?run={evaluation.run_id}$"))


def test_a_tap_on_a_cell_of_a_phone_shows_the_images_behind_it(
    examined: Server, new_page: Callable[..., Page], evaluation: Evaluation, mistakes: list[Cell]
) -> None:
    page = open_evaluation(examined, new_page(width=390, height=844, touch=True, scheme="dark"))
    for cell in mistakes:
        page.touchscreen.tap(*centre_of(page, cell))
        expect_images_of(page, evaluation, cell)
    assert has_no_sideways_scrolling(page)


def test_a_cell_is_chosen_by_keyboard(
    examined: Server, page: Page, evaluation: Evaluation, mistakes: list[Cell]
) -> None:
    open_evaluation(examined, page)
    true, predicted = mistakes[0]
    page.locator(".st-key-confusion .pv-plot").focus()
    page.keyboard.press("ArrowRight")  # the first key stands on (0, 0)
    for key in ["ArrowDown"] * true + ["ArrowRight"] * predicted:
        page.keyboard.press(key)
    page.keyboard.press("Enter")
    expect_images_of(page, evaluation, mistakes[0])


def test_switches_of_the_matrix_keep_the_chosen_cell_and_the_chart(
    examined: Server, page: Page, evaluation: Evaluation, mistakes: list[Cell]
) -> None:
    true, predicted = mistakes[0]
    open_evaluation(examined, page, f"?cell={true}-{predicted}")
    page.evaluate("document.querySelector('.st-key-confusion .pv-plot').dataset.mine = 'yes'")
    page.get_by_text("Shares", exact=True).click()
    share = confusion_matrix(evaluation)[true, predicted] / np.sum(evaluation.labels == true)
    expect(page.locator(".st-key-confusion .heatmap-label", has_text=f"{100 * share:.1f}").first).to_be_visible()
    page.get_by_text("Show errors only").click()
    wait_idle(page)
    expect_images_of(page, evaluation, mistakes[0])
    expect(page.locator(".st-key-confusion .pv-plot")).to_have_attribute("data-mine", "yes")


def test_another_split_begins_without_a_cell_and_survives_a_reload(
    examined: Server, page: Page, mistakes: list[Cell]
) -> None:
    open_evaluation(examined, page, "?cell={}-{}".format(*mistakes[0]))
    page.get_by_text("Validation", exact=True).click()
    expect(page.get_by_test_id("stMetricValue").nth(1)).to_have_text(re.compile(r" of 180$"))
    expect(page.get_by_role("heading", name="What it gets wrong")).to_be_visible()
    page.reload()
    expect(page.get_by_test_id("stMetricValue").nth(1)).to_have_text(re.compile(r" of 180$"))
