"""All runs side by side in a real browser: ticked, compared, renamed, taken away, deleted."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from harness import Server, expect_no_sideways_scrolling, wait_idle
from playwright.sync_api import Locator, Page, expect
from safetensors.numpy import load_file
from small_runs import copy_run
from waiting import wait_for

from mnist_core.export.run_card import card_html
from mnist_core.runs import notes, store
from mnist_core.runs.notes import Notes
from mnist_core.runs.run import Run, load_run
from mnist_core.runs.status import read_history, status_of

NEWER = "20991122-142509-mlp-zzzz"


@pytest.fixture
def known(app: Server, small_run: Run) -> list[Run]:
    """Three runs from a far future: the first rows of the table, above those that come with the product."""
    return [
        copy_run(small_run, app.checkpoints, f"20991122-14250{9 - row}-mlp-{4 * name[0]}", judged=True, name=name)
        for row, name in enumerate(["a first", "b second", "c third"], start=1)
    ]


def open_runs(server: Server, page: Page) -> Page:
    page.goto(f"{server.url}/runs")
    page.locator(".st-key-runs_table tbody tr").first.wait_for()
    page.locator(".st-key-compare .pv-plot[data-ready]").wait_for()
    wait_idle(page)
    return page


def box_of(page: Page, row: int) -> Locator:
    """The box at the beginning of a row; 0 is the first one."""
    return page.locator(".st-key-runs_table tbody input").nth(row)


def tick(page: Page, row: int) -> None:
    box_of(page, row).click()


def runs_in(page: Page) -> list[str]:
    """The names in the table, from its top."""
    return page.locator(".st-key-runs_table tbody a").all_inner_texts()


def heading(page: Page, name: str) -> Locator:
    return page.get_by_role("heading", name=name, exact=True)


def open_dialog(page: Page, button: str) -> Locator:
    page.get_by_role("button", name=button, exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    return dialog


def test_ticked_runs_are_drawn_over_each_other_and_stay_ticked_over_another_page_and_newer_runs(
    app: Server, page: Page, known: list[Run], small_run: Run
) -> None:
    open_runs(app, page)
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
    copy_run(small_run, app.checkpoints, NEWER, name="newest of all")
    page.get_by_test_id("stTopNavLink").filter(has_text="Home").click()
    expect(page.get_by_test_id("stTopNavLink").filter(has_text="Home")).to_have_attribute("aria-current", "page")
    page.get_by_test_id("stTopNavLink").filter(has_text="Runs").click()
    expect(heading(page, "2 runs")).to_be_visible()
    tick(page, 3)  # where the third stands now
    expect(heading(page, "a first")).to_be_visible()


def test_a_run_is_renamed_with_the_enter_key_noted_upon_and_taken_away_whole(
    app: Server, page: Page, known: list[Run], tmp_path: Path
) -> None:
    run = known[0]
    open_runs(app, page)
    tick(page, 0)
    dialog = open_dialog(page, "Rename")
    expect(dialog.get_by_role("textbox")).to_have_value("a first")
    dialog.get_by_role("textbox").fill("*best* so far")
    dialog.get_by_role("textbox").press("Enter")
    expect(dialog).to_be_hidden()
    expect(heading(page, "*best* so far")).to_be_visible()
    assert load_run(run.folder).name == "*best* so far"
    dialog = open_dialog(page, "Note and tags")
    dialog.get_by_role("textbox", name="Note").fill("too *steep*")
    dialog.get_by_role("textbox", name="Tags").fill("wide, ")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_be_hidden()
    expect(page.get_by_test_id("stText").get_by_text("too *steep*")).to_be_visible()
    assert notes.load_notes(run) == Notes("too *steep*", ("wide",))
    weights = take(page, "Weights", f"{run.run_id}.safetensors", tmp_path)
    assert weights.read_bytes() == (run.folder / "weights.safetensors").read_bytes()
    learned = [tensor for tensor in load_file(weights).values() if tensor.ndim]  # calibration has no axes
    assert sum(tensor.size for tensor in learned) == run.parameters
    kept = read_history(run)
    with take(page, "History", f"{run.run_id}.csv", tmp_path).open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["step"]) for row in rows if row["kind"] == "step"] == kept.step
    assert [float(row["validation_accuracy"]) for row in rows if row["kind"] == "epoch"] == [
        epoch.validation_accuracy for epoch in kept.epochs
    ]
    written = take(page, "Run card", f"{run.run_id}.html", tmp_path)
    assert written.read_text(encoding="utf8") == card_html(load_run(run.folder))


def take(page: Page, button: str, name: str, folder: Path) -> Path:
    """Press a button that has the browser save a file of this name; where the file is."""
    with page.expect_download() as taken:
        page.get_by_role("button", name=button).click()
    assert taken.value.suggested_filename == name
    taken.value.save_as(folder / name)
    return folder / name


def test_delete_asks_and_only_a_second_yes_removes_one_run_or_several(
    app: Server, page: Page, known: list[Run]
) -> None:
    open_runs(app, page)
    tick(page, 1)
    dialog = open_dialog(page, "Delete")
    expect(dialog).to_contain_text("b second")
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_be_hidden()
    assert known[1].folder.exists()
    dialog = open_dialog(page, "Delete")
    dialog.get_by_role("button", name="Delete for good").click()
    expect(dialog).to_be_hidden()
    expect(heading(page, "b second")).to_have_count(0)
    assert [run.folder.exists() for run in known] == [True, False, True]
    tick(page, 1)
    expect(heading(page, "c third")).to_be_visible()
    tick(page, 0)
    dialog = open_dialog(page, "Delete 2 runs")
    for name in ("a first", "c third"):
        expect(dialog.get_by_text(name)).to_be_visible()
    dialog.get_by_role("button", name="Delete for good").click()
    expect(dialog).to_be_hidden()
    assert not any(run.folder.exists() for run in known)


def test_a_run_deleted_in_another_tab_is_one_sentence_in_this_one(app: Server, page: Page, known: list[Run]) -> None:
    open_runs(app, page)
    for run, action, button in ((known[0], "Rename", "Rename"), (known[1], "Delete", "Delete for good")):
        tick(page, 0)
        dialog = open_dialog(page, action)
        store.delete_run(run)
        dialog.get_by_role("button", name=button).click()
        expect(dialog.get_by_role("alert")).to_contain_text("no longer exists: it was deleted")
        page.keyboard.press("Escape")
        expect(dialog).to_be_hidden()
        expect(heading(page, run.name)).to_have_count(0)
        expect(page.get_by_test_id("stException")).to_have_count(0)


def test_on_a_phone_a_tap_ticks_a_run_and_the_link_to_a_comparison_reopens_it(
    app: Server, new_page: Callable[..., Page], page: Page, known: list[Run]
) -> None:
    phone = open_runs(app, new_page(width=390, height=844, touch=True, scheme="dark"))
    phone.context.grant_permissions(["clipboard-read", "clipboard-write"])
    for row, said in ((2, "c third"), (0, "2 runs")):
        box_of(phone, row).tap()
        expect(heading(phone, said)).to_be_visible()
    drawing = "Validation accuracy of 2 runs over epoch: c third, a first."
    expect(phone.locator(".st-key-compare").get_by_role("img", name=drawing)).to_be_visible()
    phone.get_by_role("button", name="Copy link").click()
    expect(phone.get_by_role("button", name="Copied")).to_be_visible()
    expect_no_sideways_scrolling(phone)
    address = phone.evaluate("navigator.clipboard.readText()")
    assert address == f"{app.url}/runs?runs={known[2].run_id}.{known[0].run_id}"
    page.goto(address)
    expect(page.locator(".st-key-compare").get_by_role("img", name=drawing)).to_be_visible()
    expect(page.get_by_test_id("stMarkdown").get_by_text("same within noise")).to_be_visible()
    expect(heading(page, "2 runs")).to_be_visible()


def test_a_run_is_repeated_with_two_seeds_that_become_a_band(app: Server, page: Page, known: list[Run]) -> None:
    open_runs(app, page)
    tick(page, 0)
    dialog = open_dialog(page, "Repeat")
    dialog.get_by_role("spinbutton").fill("2")
    dialog.get_by_role("spinbutton").press("Tab")
    dialog.get_by_role("button", name="Train 2 more").click()
    expect(dialog).to_be_hidden()
    expect(page.locator(".st-key-compare").get_by_role("img", name="a first, 3 seeds")).to_be_visible()
    runs = [load_run(folder) for folder in app.checkpoints.glob("2*-mlp-*")]
    assert len(runs) == 5
    wait_for(lambda: all(status_of(run) == "finished" for run in runs), "the end of both")


@pytest.mark.parametrize("pause", [0, 250, 700, 1200])
def test_what_is_ticked_and_what_is_acted_on_are_the_same_however_soon_after_untick_all(
    app: Server, page: Page, known: list[Run], pause: int
) -> None:
    open_runs(app, page)
    for row in range(3):
        tick(page, row)
    expect(heading(page, "3 runs")).to_be_visible()
    page.get_by_role("button", name="Untick all").click()
    page.wait_for_timeout(pause)  # what is tested: any moment will do
    tick(page, 1)
    expect(heading(page, "b second")).to_be_visible()
    expect(page.get_by_role("button", name="Delete", exact=True)).to_be_visible()
    wait_idle(page)
    assert [box_of(page, row).is_checked() for row in range(3)] == [False, True, False]
    for row in (0, 1, 2, 0, 2):  # faster than the page can follow
        tick(page, row)
    expect(page.get_by_text("Tick runs to compare").or_(page.get_by_text("Press a name"))).to_be_visible()
    assert [box_of(page, row).is_checked() for row in range(3)] == [False, False, False]


def test_a_press_on_a_name_opens_the_run_a_pin_keeps_it_on_top_and_a_head_sorts(
    app: Server, page: Page, known: list[Run]
) -> None:
    open_runs(app, page)
    assert runs_in(page)[:3] == ["a first", "b second", "c third"]
    page.locator(".st-key-runs_table tbody tr").nth(1).get_by_role("button").click()
    expect(page.locator(".st-key-runs_table tbody a").first).to_have_text("b second")
    page.get_by_role("columnheader", name="run").get_by_role("button").click()
    expect(page.get_by_role("columnheader", name="run")).to_have_attribute("aria-sort", "ascending")
    expect(page.locator(".st-key-runs_table tbody a").first).to_have_text("b second")
    tick(page, 1)
    expect(page.locator(".st-key-compare").get_by_role("img", name="of 2 runs over epoch: b second, ")).to_be_visible()
    page.get_by_role("link", name="c third").click()
    expect(page).to_have_url(f"{app.url}/train?run={known[2].run_id}")
    expect(page.get_by_test_id("stTopNavLink").filter(has_text="Train")).to_have_attribute("aria-current", "page")
    page.get_by_test_id("stTopNavLink").filter(has_text="Runs").click()
    expect(page.locator(".st-key-runs_table tbody a").first).to_have_text("b second")
    expect(box_of(page, 1)).to_be_checked()
