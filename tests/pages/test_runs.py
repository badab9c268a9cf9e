"""The page Runs in its empty, working and failed states. Dialogs are gone through in tests/browser."""

import itertools
import json
from collections.abc import Callable
from dataclasses import asdict

import pytest
from on_screen import buttons, chart, column, curves, links, said, table
from streamlit.testing.v1 import AppTest

from mnist_core import paths
from mnist_core.runs import store
from mnist_core.runs.lock import hold
from mnist_core.runs.run import SHIPPED_FILE, Run
from pages.components.runs import runs_part

Open = Callable[..., AppTest]
Add = Callable[..., Run]


def run_id(number: int) -> str:
    """The higher the number, the newer the run."""
    return f"20251122-1425{number:02d}-mlp-aaaa"


def tick(at: AppTest, *ticked: Run) -> None:
    """What ticking rows of the table leads to; the ticks themselves are set in tests/browser."""
    at.query_params["runs"] = ".".join(run.run_id for run in ticked)
    at.run()
    assert not at.exception


def ticked_rows(at: AppTest) -> list[int]:
    return [place for place, row in enumerate(table(at)) if row["ticked"]]


def test_without_runs_it_says_what_they_are_and_where_they_come_from(open_page: Open) -> None:
    at = open_page("runs")
    assert "There are no runs yet" in said(at)
    assert links(at) == ["Train one"]
    assert not table(at)


def test_a_run_is_a_row_with_its_results_and_settings(open_page: Open, evaluated_run: Run) -> None:
    at = open_page("runs")
    [row] = table(at)
    assert row["run"] == f"MLP {evaluated_run.run_id[-4:]}"
    assert row["status"] == "Finished"
    assert " % ± " in row["validation"]
    assert " % ± " in row["test"]
    assert (row["epochs"], row["data set"]) == ("2 of 2", "Small digits")
    at.segmented_control(key="runs_columns").set_value("Settings").run()
    [row] = table(at)
    assert (row["model"], row["data"]) == ("MLP 32", "Small digits")
    assert (row["batch size"], row["learning rate"], row["id"]) == ("64", "0.004", evaluated_run.run_id)


def test_a_run_that_was_never_examined_has_no_test_accuracy(open_page: Open, trained_run: Run) -> None:
    at = open_page("runs")
    assert column(at, "test") == ["–"]


def test_a_damaged_evaluation_is_said_in_its_row_and_breaks_nothing(open_page: Open, evaluated_run: Run) -> None:
    (evaluated_run.folder / "evaluation.json").write_text("[")
    at = open_page("runs")
    assert column(at, "test") == ["–"]
    assert "evaluation.json is damaged" in said(at)


def test_the_columns_are_those_of_results_or_of_settings(open_page: Open, trained_run: Run) -> None:
    at = open_page("runs")
    assert list(table(at)[0])[7:11] == ["run", "data set", "validation", "test"]
    at.segmented_control(key="runs_columns").set_value("Settings").run()
    assert list(table(at)[0])[7:10] == ["run", "model", "data"]


def test_runs_are_listed_in_every_state(open_page: Open, add_run: Add) -> None:
    failed, interrupted, running = add_run(run_id(3)), add_run(run_id(2)), add_run(run_id(1))
    lines = (failed.folder / "history.jsonl").read_text().splitlines()
    why = json.dumps({"event": "failed", "time": 1.0, "elapsed": 1.0, "error": "out of luck"})
    (failed.folder / "history.jsonl").write_text("\n".join([*lines[:20], why, ""]))
    (interrupted.folder / "history.jsonl").write_text("\n".join([*lines[:20], ""]))
    (running.folder / "history.jsonl").write_text("\n".join([*lines[:20], ""]))
    with hold(running.folder / "lock"):
        at = open_page("runs")
    assert column(at, "status") == ["Failed", "Interrupted", "Training"]


def test_of_thirty_runs_all_are_listed_and_the_newest_five_are_drawn(open_page: Open, add_run: Add) -> None:
    known = [add_run(run_id(number), name=f"run {number}") for number in range(30)]
    at = open_page("runs")
    assert [row["id"] for row in table(at)] == [run.run_id for run in reversed(known)]
    assert curves(at, "compare") == ["run 29", "run 28", "run 27", "run 26", "run 25"]


def test_only_as_many_curves_are_drawn_as_can_be_told_apart(open_page: Open, add_run: Add) -> None:
    known = [add_run(run_id(number)) for number in range(32)]
    at = open_page("runs")
    tick(at, *known)
    assert len(curves(at, "compare")) == 30
    assert "Only the first 30 of 32 are drawn." in said(at)
    looks = {(trace["line"]["color"], trace["line"].get("dash")) for trace in chart(at, "compare")["fig"]["data"]}
    assert len(looks) == 30


def test_a_run_keeps_its_colour_whatever_else_is_ticked_or_deleted(open_page: Open, add_run: Add) -> None:
    known = [add_run(run_id(number), name=f"run {number}") for number in range(6)]
    at = open_page("runs")
    before = colours(at)
    assert len(set(before.values())) == 5
    for ticked in (known[1:3], known[2:3], known[2:6]):
        tick(at, *ticked)
        assert all(before.get(name, colour) == colour for name, colour in colours(at).items())
    store.delete_run(known[2])
    tick(at, *known[3:6])
    assert all(before[name] == colour for name, colour in colours(at).items())
    assert all((row["look"] is not None) == row["ticked"] for row in table(at))


def colours(at: AppTest) -> dict[str, str]:
    """Of each curve of validation."""
    traces = chart(at, "compare")["fig"]["data"]
    return {trace["name"]: trace["line"]["color"] for trace in traces if not trace["name"].endswith(", training")}


def test_the_baseline_stands_on_top_and_is_what_others_are_compared_with(open_page: Open, add_run: Add) -> None:
    known = [add_run(run_id(number), judged=True, name=f"run {number}") for number in range(4)]
    at = open_page("runs", against=known[1].run_id)
    assert column(at, "run") == ["run 1", "run 3", "run 2", "run 0"]
    assert [row["pinned"] for row in table(at)] == [True, False, False, False]
    tick(at, known[3])
    assert curves(at, "compare") == ["run 1", "run 3"]
    assert "same within noise" in said(at)
    assert "Delete" in buttons(at)  # of the ticked one alone


def test_of_thousands_of_runs_only_a_page_is_read_until_a_sort_asks_for_all(
    open_page: Open, add_run: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = [add_run(run_id(number), name=f"run {number}") for number in range(7)]
    monkeypatch.setattr(runs_part, "FEW", 5)
    monkeypatch.setattr(runs_part, "PAGE_ROWS", 3)
    read: list[str] = []
    monkeypatch.setattr(
        store, "_load_or_say", lambda folder, load=store._load_or_say: read.append(folder.name) or load(folder)
    )
    at = open_page("runs")
    assert column(at, "run") == ["run 6", "run 5", "run 4"]
    assert "1 to 3 of 7 runs" in said(at)
    assert set(read) == {run.run_id for run in known[4:]}
    at.button(key="runs_after").click().run()
    assert column(at, "run") == ["run 3", "run 2", "run 1"]
    at.query_params["sort"] = "name"
    at.query_params["page"] = "3"
    at.run()
    assert column(at, "run") == ["run 6"]
    assert set(read) == {run.run_id for run in known}


def test_what_is_ticked_is_compared(open_page: Open, add_run: Add) -> None:
    known = [add_run(run_id(number), name=f"run {number}") for number in range(4)]
    at = open_page("runs")
    tick(at, known[0], known[2])
    assert curves(at, "compare") == ["run 0", "run 2"]
    assert "Validation accuracy of 2 runs over epoch" in chart(at, "compare")["description"]


def test_a_run_that_never_took_a_step_is_not_compared(open_page: Open, add_run: Add) -> None:
    begun, never_begun = add_run(run_id(1), name="begun"), add_run(run_id(2), name="never begun")
    (never_begun.folder / "history.jsonl").unlink()
    at = open_page("runs")
    assert curves(at, "compare") == ["begun"]
    tick(at, never_begun)
    assert "Nothing has been measured yet" in said(at)
    tick(at, begun, never_begun)
    assert curves(at, "compare") == ["begun"]


def test_runs_of_one_name_are_told_apart_and_long_names_are_shortened(open_page: Open, add_run: Add) -> None:
    add_run("20251122-142501-mlp-aaaa", name="wide")
    add_run("20251122-142502-mlp-bbbb", name="wide")
    add_run("20251122-142503-mlp-cccc", name="deep " * 16)
    add_run("20251122-142504-mlp-bbbb", name="wide")
    assert curves(open_page("runs"), "compare") == [
        "wide (20251122-142504-mlp-bbbb)",
        "deep deep deep deep deep de…",
        "wide (20251122-142502-mlp-bbbb)",
        "wide (aaaa)",
    ]


def test_loss_over_time_is_drawn_when_asked_for(open_page: Open, trained_run: Run) -> None:
    at = open_page("runs")
    at.segmented_control(key="compare_quantity").set_value("loss")
    at.segmented_control(key="compare_axis").set_value("time").run()
    layout = chart(at, "compare")["fig"]["layout"]
    assert "loss" in layout["yaxis"]["title"]["text"]
    assert "time" in layout["xaxis"]["title"]["text"]


def test_with_one_run_ticked_everything_can_be_done_with_it(open_page: Open, trained_run: Run) -> None:
    at = open_page("runs")
    assert buttons(at) == []
    tick(at, trained_run)
    assert trained_run.title in [heading.value for heading in at.subheader]
    assert links(at) == ["Training", "Evaluate", "Predict"]
    assert sorted(buttons(at)) == ["Delete", "History", "Note and tags", "Rename", "Repeat", "Run card", "Weights"]


def test_a_run_without_weights_or_history_offers_neither(open_page: Open, trained_run: Run) -> None:
    (trained_run.folder / "weights.safetensors").unlink()
    (trained_run.folder / "history.jsonl").unlink()
    at = open_page("runs")
    tick(at, trained_run)
    assert links(at) == ["Training"]
    assert sorted(buttons(at)) == ["Delete", "Note and tags", "Rename", "Repeat", "Run card"]


def test_with_several_ticked_they_can_be_deleted_together(open_page: Open, add_run: Add) -> None:
    known = [add_run(run_id(number)) for number in range(3)]
    at = open_page("runs")
    tick(at, *known)
    assert "Delete 3 runs" in buttons(at)
    assert "Rename" not in buttons(at)


def test_what_came_with_the_product_can_be_taken_but_neither_renamed_nor_deleted(
    open_page: Open, trained_run: Run
) -> None:
    paths.shipped_folder().mkdir()
    (paths.shipped_folder() / SHIPPED_FILE).write_text(json.dumps([trained_run.run_id]))
    at = open_page("runs")
    assert column(at, "status") == ["Shipped"]
    tick(at, trained_run)
    assert sorted(buttons(at)) == ["History", "Repeat", "Run card", "Weights"]
    assert "came with the app" in said(at)


def test_delete_asks_before_it_does_anything(open_page: Open, trained_run: Run) -> None:
    at = open_page("runs")
    tick(at, trained_run)
    at.button(key="delete_run").click().run()
    assert not at.exception
    assert "Delete for good" in buttons(at)
    assert "cannot be undone" in said(at)
    assert trained_run.folder.exists()


def test_a_tick_stays_with_its_run_when_newer_ones_come(open_page: Open, add_run: Add) -> None:
    run = add_run(run_id(1), name="mine")
    at = open_page("runs")
    tick(at, run)
    assert ticked_rows(at) == [0]
    add_run(run_id(2))
    at.run()
    assert ticked_rows(at) == [1]
    assert "mine" in [heading.value for heading in at.subheader]


def test_ticks_survive_a_change_of_page(open_page: Open, add_run: Add) -> None:
    known = [add_run(run_id(number)) for number in range(2)]
    at = open_page("runs")
    tick(at, *known)
    at.switch_page("evaluate.py").run()
    at.switch_page("runs.py").run()
    assert ticked_rows(at) == [0, 1]


def test_a_ticked_run_that_is_deleted_elsewhere_is_named_and_can_be_left_out(open_page: Open, add_run: Add) -> None:
    first, second = add_run(run_id(1)), add_run(run_id(2))
    at = open_page("runs")
    tick(at, first, second)
    store.delete_run(second)
    at.run()
    assert not at.exception
    assert ticked_rows(at) == [0]
    assert "Delete" in buttons(at)
    assert "not found (perhaps deleted)" in said(at)
    assert second.run_id in said(at).replace("\\", "")
    at.button(key="leave_out").click().run()
    assert "not found" not in said(at)
    store.delete_run(first)
    add_run(run_id(3), name="newer")
    at.run()
    assert curves(at, "compare") == ["newer"]


def test_a_damaged_run_is_listed_with_its_reason_and_can_be_deleted(open_page: Open, add_run: Add) -> None:
    add_run(run_id(1), name="sound")
    damaged = add_run(run_id(2))
    (damaged.folder / "run.json").write_text("{")
    at = open_page("runs")
    assert column(at, "run") == ["sound"]
    assert "run.json is damaged" in said(at)
    at.button(key=f"delete_{damaged.run_id}").click().run()
    assert not at.exception
    assert "Delete for good" in buttons(at)
    assert damaged.folder.exists()


def test_a_damaged_run_is_restored_from_its_saved_state(open_page: Open, trained_run: Run) -> None:
    (trained_run.folder / "run.json").write_text("{")
    at = open_page("runs")
    at.button(key=f"restore_{trained_run.run_id}").click().run()
    assert not at.exception
    assert "is restored" in at.toast[0].value
    assert column(at, "run") == [trained_run.title]


def test_with_nothing_but_damage_the_page_still_stands(open_page: Open, trained_run: Run) -> None:
    (trained_run.folder / "run.json").unlink()
    at = open_page("runs")
    assert "run.json is missing" in said(at)
    assert not table(at)


@pytest.mark.parametrize("history", ["garbage\n", "\x00\x01\n{}\n[]\n", '{"event":"step"}\n', ""])
def test_a_damaged_history_breaks_nothing(open_page: Open, trained_run: Run, history: str) -> None:
    (trained_run.folder / "history.jsonl").write_text(history)
    at = open_page("runs")
    tick(at, trained_run)
    assert column(at, "epochs") == ["0 of 2"]


def test_a_name_is_shown_as_it_was_typed(open_page: Open, add_run: Add) -> None:
    run = add_run(run_id(1), name="**wide** :red[x] $y$ <b>")
    at = open_page("runs")
    tick(at, run)
    [heading] = [heading.value for heading in at.subheader if "wide" in heading.value]
    assert heading.replace("\\", "") == run.name
    assert all(before == "\\" for before, mark in itertools.pairwise(heading) if mark in "*:[]$<>")


def test_an_address_that_the_browser_tells_late_undoes_no_tick(open_page: Open, add_run: Add) -> None:
    known = [add_run(run_id(number), name=f"run {number}") for number in range(3)]
    at = open_page("runs")
    tick(at, known[0])
    tick(at, known[0], known[2])
    assert ticked_rows(at) == [0, 2]
    tick(at, known[0])  # as it was said before: the browser had not yet heard of the second tick
    assert ticked_rows(at) == [0, 2]


@pytest.mark.parametrize(
    ("sort", "names"),
    [("", ["c", "b", "a"]), ("created", ["a", "b", "c"]), ("name", ["a", "b", "c"]), ("-run", ["c", "b", "a"]),
     ("batch size", ["b", "a", "c"]), ("-batch size", ["c", "a", "b"]), ("-moon", ["c", "b", "a"])],
)  # fmt: skip
def test_runs_are_sorted_by_any_column(
    open_page: Open, add_run: Add, small_run: Run, sort: str, names: list[str]
) -> None:
    for number, (name, batch) in enumerate((("a", 64), ("b", 8), ("c", 512))):
        add_run(run_id(number), name=name, train=asdict(small_run.train) | {"batch_size": batch})
    at = open_page("runs", sort=sort)
    assert column(at, "run") == names
    heads = [head for head in heads_of(at) if head["order"]]
    assert [head["name"] for head in heads] == {"": ["created"], "created": ["created"]}.get(
        sort, ["run"] if sort in ("name", "-run") else []
    )


def heads_of(at: AppTest) -> list[dict[str, str]]:
    [table] = [one for one in at.get("bidi_component") if one.proto.id.endswith("-runs_table")]
    heads: list[dict[str, str]] = json.loads(table.proto.json)["columns"]
    return heads


def test_where_networks_differ_each_setting_stands_below_its_own_head(
    open_page: Open, add_run: Add, small_run: Run
) -> None:
    add_run(run_id(1), name="mlp")
    add_run("20251122-142502-linear-aaaa", name="linear", model=asdict(small_run.model) | {"kind": "linear"})
    at = open_page("runs")
    at.segmented_control(key="runs_columns").set_value("Settings").run()
    lines = {row["run"]: row for row in table(at)}
    assert lines["linear"]["model"] == "Linear"
    assert lines["linear"]["dropout"] == "–" != lines["mlp"]["dropout"]
    assert lines["linear"]["batch size"] == lines["mlp"]["batch size"] == "64"
