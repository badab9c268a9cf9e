"""All runs side by side in a real browser: ticked, compared, renamed, taken away, deleted."""

import csv
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from harness import Server, has_no_sideways_scrolling, serve, wait_idle
from playwright.sync_api import Locator, Page, expect
from safetensors.numpy import load_file
from small_runs import copy_run

from mnist_core.export.run_card import card_html
from mnist_core.runs import notes, store
from mnist_core.runs.notes import Notes
from mnist_core.runs.run import Run, load_run
from mnist_core.runs.status import read_history

ROW = 35  # pixels
NEWER = "20991122-142509-mlp-zzzz"


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app with whatever runs a test puts there; no MNIST."""
    folder = tmp_path_factory.mktemp("shelf")
    with serve(folder, env={"MNIST_DATA": str(folder / "data")}) as server:
        yield server


@pytest.fixture
def known(shelf: Server, small_run: Run) -> list[Run]:
    """Three runs from a far future: the first rows of the table, above those that come with the product."""
    for folder in shelf.checkpoints.iterdir():
        shutil.rmtree(folder)
    return [
        copy_run(small_run, shelf.checkpoints, f"20991122-14250{9 - row}-mlp-{4 * name[0]}", name=name)
        for row, name in enumerate(["a first", "b second", "c third"], start=1)
    ]


def open_runs(server: Server, page: Page) -> Page:
    page.goto(f"{server.url}/runs")
    page.locator(".st-key-runs_table canvas").first.wait_for()
    page.locator(".st-key-compare .pv-plot[data-ready]").wait_for()
    wait_idle(page)
    return page


def box_of(page: Page, row: int) -> tuple[float, float]:
    """Where the box at the beginning of a row is, in the window; 0 is the first row. The table is one canvas."""
    canvas = page.locator(".st-key-runs_table canvas").first
    canvas.scroll_into_view_if_needed()
    place = canvas.bounding_box()
    assert place is not None
    return place["x"] + 17, place["y"] + ROW * (row + 1) + ROW // 2


def tick(page: Page, row: int) -> None:
    page.mouse.click(*box_of(page, row))


def heading(page: Page, name: str) -> Locator:
    return page.get_by_role("heading", name=name, exact=True)


def open_dialog(page: Page, button: str) -> Locator:
    page.get_by_role("button", name=button, exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    return dialog


def test_ticked_runs_are_drawn_over_each_other(shelf: Server, page: Page, known: list[Run]) -> None:
    open_runs(shelf, page)
    drawn = page.locator(".st-key-compare")
    tick(page, 0)
    expect(heading(page, "a first")).to_be_visible()
    expect(drawn.get_by_role("img", name="Validation accuracy of 1 run over epoch: a first.")).to_be_visible()
    tick(page, 2)
    expect(heading(page, "2 runs")).to_be_visible()
    expect(drawn.get_by_role("img", name="Validation accuracy of 2 runs over epoch: a first, c third.")).to_be_visible()
    expect(page.get_by_text("Loss", exact=True)).to_have_count(1)  # what stood there before is gone
    page.get_by_text("Loss", exact=True).click()
    expect(drawn.get_by_role("img", name="Validation loss of 2 runs over epoch: a first, c third.")).to_be_visible()
    expect(drawn.locator("path.js-line")).to_have_count(4)  # of each, training and validation
    for name in ("a first", "c third"):
        expect(drawn.get_by_text(name)).to_be_visible()


def test_delete_asks_and_only_a_second_yes_removes_the_run(shelf: Server, page: Page, known: list[Run]) -> None:
    open_runs(shelf, page)
    tick(page, 1)
    dialog = open_dialog(page, "Delete")
    expect(dialog).to_contain_text("b second")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    assert known[1].folder.exists()
    dialog = open_dialog(page, "Delete")
    dialog.get_by_role("button", name="Delete for good").click()
    expect(dialog).to_be_hidden()
    expect(heading(page, "b second")).to_have_count(0)
    assert [run.folder.exists() for run in known] == [True, False, True]
    tick(page, 1)
    expect(heading(page, "c third")).to_be_visible()


def test_several_runs_are_deleted_together(shelf: Server, page: Page, known: list[Run]) -> None:
    open_runs(shelf, page)
    tick(page, 0)
    expect(heading(page, "a first")).to_be_visible()
    tick(page, 1)
    dialog = open_dialog(page, "Delete 2 runs")
    for name in ("a first", "b second"):
        expect(dialog.get_by_text(name)).to_be_visible()
    dialog.get_by_role("button", name="Delete for good").click()
    expect(dialog).to_be_hidden()
    assert [run.folder.exists() for run in known] == [False, False, True]


def test_a_run_is_renamed_with_the_enter_key(shelf: Server, page: Page, known: list[Run]) -> None:
    open_runs(shelf, page)
    tick(page, 0)
    dialog = open_dialog(page, "Rename")
    expect(dialog.get_by_role("textbox")).to_have_value("a first")
    dialog.get_by_role("textbox").fill("*best* so far")
    dialog.get_by_role("textbox").press("Enter")
    expect(dialog).to_be_hidden()
    expect(heading(page, "*best* so far")).to_be_visible()
    assert load_run(known[0].folder).name == "*best* so far"


def test_the_card_of_a_run_is_taken_away(shelf: Server, page: Page, known: list[Run], tmp_path: Path) -> None:
    open_runs(shelf, page)
    tick(page, 0)
    with page.expect_download() as taken:
        page.get_by_role("button", name="Run card").click()
    taken.value.save_as(tmp_path / "card.html")
    assert taken.value.suggested_filename == f"{known[0].run_id}.html"
    assert (tmp_path / "card.html").read_text(encoding="utf8") == card_html(known[0])


def test_weights_and_history_are_taken_away_whole(shelf: Server, page: Page, known: list[Run], tmp_path: Path) -> None:
    open_runs(shelf, page)
    tick(page, 0)
    with page.expect_download() as weights:
        page.get_by_role("button", name="Weights").click()
    weights.value.save_as(tmp_path / "weights")
    assert weights.value.suggested_filename == f"{known[0].run_id}.safetensors"
    assert (tmp_path / "weights").read_bytes() == (known[0].folder / "weights.safetensors").read_bytes()
    learned = [tensor for tensor in load_file(tmp_path / "weights").values() if tensor.ndim]  # calibration has no axes
    assert sum(tensor.size for tensor in learned) == known[0].parameters
    with page.expect_download() as history:
        page.get_by_role("button", name="History").click()
    history.value.save_as(tmp_path / "history")
    assert history.value.suggested_filename == f"{known[0].run_id}.csv"
    with (tmp_path / "history").open(newline="") as file:
        rows = list(csv.DictReader(file))
    kept = read_history(known[0])
    assert [int(row["step"]) for row in rows if row["kind"] == "step"] == kept.step
    assert [float(row["validation_accuracy"]) for row in rows if row["kind"] == "epoch"] == [
        epoch.validation_accuracy for epoch in kept.epochs
    ]


@pytest.mark.parametrize("action", ["Rename", "Delete"])
def test_a_run_deleted_in_another_tab_is_one_sentence_in_this_one(
    shelf: Server, page: Page, known: list[Run], action: str
) -> None:
    open_runs(shelf, page)
    tick(page, 0)
    dialog = open_dialog(page, action)
    store.delete_run(known[0])
    dialog.get_by_role("button", name="Rename" if action == "Rename" else "Delete for good").click()
    expect(dialog.get_by_role("alert")).to_contain_text("is not here any more: it was deleted")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(heading(page, "a first")).to_have_count(0)
    expect(page.get_by_test_id("stException")).to_have_count(0)


def test_ticks_stay_with_their_runs_over_another_page_and_newer_runs(
    shelf: Server, page: Page, known: list[Run], small_run: Run
) -> None:
    open_runs(shelf, page)
    tick(page, 1)
    expect(heading(page, "b second")).to_be_visible()
    copy_run(small_run, shelf.checkpoints, NEWER, name="newest of all")
    page.get_by_test_id("stSidebarNavLink").filter(has_text="Home").click()
    expect(page.get_by_test_id("stSidebarNavLink").filter(has_text="Home")).to_have_attribute("aria-current", "page")
    page.get_by_test_id("stSidebarNavLink").filter(has_text="Runs").click()
    expect(heading(page, "b second")).to_be_visible()
    tick(page, 2)  # where it stands now; it is the only one ticked
    expect(page.get_by_text("Tick runs to compare")).to_be_visible()


def test_a_phone_shows_all_without_scrolling_sideways(
    shelf: Server, new_page: Callable[..., Page], known: list[Run]
) -> None:
    (known[2].folder / "run.json").write_text("{")
    page = open_runs(shelf, new_page(width=390, height=844, touch=True, scheme="dark"))
    expect(page.get_by_text("run.json is not JSON")).to_be_visible()
    page.touchscreen.tap(*box_of(page, 0))
    expect(heading(page, "a first")).to_be_visible()
    assert has_no_sideways_scrolling(page)


def test_a_comparison_is_judged_and_its_link_reopens_it(
    shelf: Server, new_page: Callable[..., Page], known: list[Run]
) -> None:
    page = open_runs(shelf, new_page())
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    tick(page, 2)
    expect(heading(page, "c third")).to_be_visible()
    tick(page, 0)
    expect(page.get_by_text("not compared yet")).to_be_visible()
    page.get_by_role("button", name="Judge 2 runs on the 359 test images").click()
    expect(page.get_by_test_id("stMarkdown").get_by_text("same within noise")).to_be_visible()
    expect(page.get_by_text("Loss", exact=True)).to_have_count(1)  # what stood there before is gone
    page.get_by_text("Loss", exact=True).click()
    drawing = "Validation loss of 2 runs over epoch: c third, a first."
    expect(page.locator(".st-key-compare").get_by_role("img", name=drawing)).to_be_visible()
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    address = page.evaluate("navigator.clipboard.readText()")
    assert address == f"{shelf.url}/runs?runs={known[2].run_id}.{known[0].run_id}&show=loss"
    other = new_page(width=390, scheme="dark")
    other.goto(address)
    expect(other.locator(".st-key-compare").get_by_role("img", name=drawing)).to_be_visible()
    expect(other.get_by_test_id("stMarkdown").get_by_text("same within noise")).to_be_visible()
    expect(heading(other, "2 runs")).to_be_visible()
    assert has_no_sideways_scrolling(other)


def test_a_note_and_a_tag_are_written_and_found_again(shelf: Server, page: Page, known: list[Run]) -> None:
    open_runs(shelf, page)
    tick(page, 0)
    dialog = open_dialog(page, "Note and tags")
    dialog.get_by_role("textbox", name="Note").fill("too *steep*")
    dialog.get_by_role("textbox", name="Tags").fill("wide, ")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_be_hidden()
    expect(page.get_by_text("too *steep*")).to_be_visible()
    assert notes.load_notes(known[0]) == Notes("too *steep*", ("wide",))
    page.goto(f"{shelf.url}/runs?tag=wide")
    expect(page.get_by_text("1 of 5 runs shown.")).to_be_visible()


def test_a_run_is_repeated_with_two_seeds_that_become_a_band(shelf: Server, page: Page, known: list[Run]) -> None:
    open_runs(shelf, page)
    tick(page, 0)
    dialog = open_dialog(page, "Repeat")
    dialog.get_by_role("spinbutton").fill("2")
    dialog.get_by_role("spinbutton").press("Tab")
    dialog.get_by_role("button", name="Train 2 more").click()
    expect(dialog).to_be_hidden(timeout=60_000)
    band = page.locator(".st-key-compare").get_by_role("img", name="a first, 3 seeds")
    expect(band).to_be_visible(timeout=60_000)
