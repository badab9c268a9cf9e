"""The page Runs as a comparison: verdicts, settings that differ, seeds, filters, and links that reopen it."""

import json
import shutil
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import numpy as np
import pytest
from on_screen import buttons, chart, column, curves, said, table
from streamlit.testing.v1 import AppTest

from mnist_core.runs import evaluations, notes, store
from mnist_core.runs.history import History
from mnist_core.runs.notes import Notes
from mnist_core.runs.run import Run
from mnist_core.workers import control
from pages.components.runs import run_curves
from pages.components.shared import format as fmt
from pages.components.shared.cached import glance_of
from pages.components.shared.runs_view import MAX_LINKED, RunsView, from_query, to_query

Open = Callable[..., AppTest]
Add = Callable[..., Run]


def run_id(number: int) -> str:
    return f"20251122-1425{number:02d}-mlp-aaaa"


def ids(*chosen: Run) -> str:
    return ".".join(run.run_id for run in chosen)


def plainly(at: AppTest) -> str:
    return said(at).replace("\\", "")


def seeded(small_run: Run, seed: int, **changed: Any) -> dict[str, Any]:
    return {"train": {**asdict(small_run.train), "seed": seed, **changed}}


def read_wrong(run: Run, count: int) -> None:
    """Let the kept exam have the first `count` images wrong and all others right."""
    path = run.folder / "evaluation-test.npz"
    with np.load(path) as arrays:
        kept = dict(arrays)
    kept["predictions"] = kept["labels"].copy()
    kept["predictions"][:count] = (kept["labels"][:count] + 1) % 10
    np.savez_compressed(path, **kept)
    summary = json.loads((run.folder / evaluations.FILE).read_text())
    (run.folder / evaluations.FILE).write_text(json.dumps({**summary, "touched": {}}))


def results(at: AppTest) -> list[dict[str, Any]]:
    table: list[dict[str, Any]] = next(
        frame.value.to_dict("records") for frame in at.dataframe if "best validation" in frame.value
    )
    return table


def address(at: AppTest, name: str) -> str:
    """What the address says: AppTest has a list of what it was given, and a text of what the page wrote."""
    value = at.query_params[name]
    return value if isinstance(value, str) else value[0]


def names(at: AppTest) -> list[str]:
    return column(at, "run")


def test_two_runs_that_read_alike_are_the_same_within_noise(open_page: Open, add_run: Add) -> None:
    a, b = add_run(run_id(1), judged=True, name="a"), add_run(run_id(2), judged=True, name="b")
    read_wrong(a, 10)
    read_wrong(b, 12)
    at = open_page("runs", runs=ids(a, b))
    why = "of 359 test images, 0 read correctly only by b, 2 only by a"
    assert f"**b** and **a**: **same within noise** (p = 0.50: {why})." in said(at)
    assert [row["verdict"] for row in results(at)] == ["reference", "same within noise (p = 0.50)"]
    assert " % ± " in results(at)[0]["test"]


def test_a_run_that_reads_better_is_said_to_be_better(open_page: Open, add_run: Add) -> None:
    a, b = add_run(run_id(1), judged=True, name="a"), add_run(run_id(2), judged=True, name="b")
    read_wrong(a, 30)
    read_wrong(b, 2)
    at = open_page("runs", runs=ids(a, b))
    assert "**b** is **better** than **a** (p < 0.0001" in said(at)
    assert results(open_page("runs", runs=ids(b, a)))[1]["verdict"] == "worse (p < 0.0001)"


def test_several_are_compared_with_one_of_them_and_corrected(open_page: Open, add_run: Add) -> None:
    known = [add_run(run_id(n), judged=True, name=name) for n, name in enumerate("abc")]
    for run, wrong in zip(known, (0, 6, 7), strict=True):
        read_wrong(run, wrong)
    at = open_page("runs", runs=ids(*known))
    assert "Holm's correction" in said(at)
    assert "**a** is **better** than **b** (p = 0.031:" in said(at)
    at.query_params["against"] = known[1].run_id
    at.run()
    assert [row["verdict"] for row in results(at)][1] == "reference"
    assert address(at, "against") == known[1].run_id


def test_runs_that_were_not_judged_are_judged_together_when_asked(open_page: Open, add_run: Add) -> None:
    a, b = add_run(run_id(1), name="a"), add_run(run_id(2), name="b")
    at = open_page("runs", runs=ids(a, b))
    assert "not compared yet" in said(at)
    at.button(key="judge_all").click().run()
    assert not at.exception
    assert "same within noise" in said(at)
    assert [evaluations.times_taken(run, "test") for run in (a, b)] == [1, 1]
    assert "judge_all" not in [button.key for button in at.button]


def test_runs_of_other_images_are_not_compared_and_it_says_why(open_page: Open, add_run: Add) -> None:
    a = add_run(run_id(1), judged=True, name="a")
    b = add_run(run_id(2), judged=True, name="b", dataset_checksum="changed")
    c = add_run(run_id(3), judged=True, name="c", dataset="mnist")
    at = open_page("runs", runs=ids(a, b, c))
    assert "**b** and **a**: cannot be compared. Both were trained on Small digits, but it has changed" in said(at)
    assert "**c** and **a**: cannot be compared. They were trained on MNIST and Small digits" in said(at)
    assert [row["verdict"] for row in results(at)] == ["reference", "not compared", "not compared"]


def test_only_settings_that_differ_are_listed(open_page: Open, add_run: Add, small_run: Run) -> None:
    a = add_run(run_id(1), name="a")
    b = add_run(run_id(2), name="b", **seeded(small_run, 0, learning_rate=0.001))
    at = open_page("runs", runs=ids(a, b))
    [table] = [frame.value for frame in at.dataframe if "learning rate" in frame.value and "status" not in frame.value]
    assert table.to_dict("list") == {"run": ["a", "b"], "learning rate": [0.004, 0.001]}


def test_runs_of_the_same_settings_are_said_to_be_so(open_page: Open, add_run: Add, small_run: Run) -> None:
    a, b = add_run(run_id(1)), add_run(run_id(2))
    assert "the same settings and the same seed" in said(open_page("runs", runs=ids(a, b)))
    c = add_run(run_id(3), **seeded(small_run, 7))
    assert "Only the seed differs (0, 7)." in said(open_page("runs", runs=ids(a, c)))


def test_three_seeds_are_a_band_and_one_line_unless_they_are_to_stand_alone(
    open_page: Open, add_run: Add, small_run: Run
) -> None:
    known = [add_run(run_id(n), judged=True, name="wide", **seeded(small_run, n)) for n in range(3)]
    at = open_page("runs", runs=ids(*known))
    assert curves(at, "compare") == ["wide, 3 seeds"]
    assert sum(trace.get("fill") == "toself" for trace in chart(at, "compare")["fig"]["data"]) == 1
    assert "from the lowest to the highest" in said(at)
    [line] = results(at)
    assert line["run"] == "wide, 3 seeds"
    assert " % ± 0.00, " in line["test"]  # they are copies
    at.segmented_control(key="compare_seeds").set_value("lines").run()
    assert not at.exception
    assert len(curves(at, "compare")) == 3
    assert len(results(at)) == 3
    assert address(at, "seeds") == "lines"


def test_one_run_against_three_seeds_cannot_tell(open_page: Open, add_run: Add, small_run: Run) -> None:
    known = [add_run(run_id(n), judged=True, name="wide", **seeded(small_run, n)) for n in range(3)]
    other = add_run(run_id(9), judged=True, name="other", **seeded(small_run, 0, learning_rate=0.1))
    at = open_page("runs", runs=ids(*known, other))
    assert "too few seeds to tell" in said(at)
    assert curves(at, "compare") == ["wide, 3 seeds", "other"]


def test_all_seeds_of_a_run_are_ticked_with_one_button(open_page: Open, add_run: Add, small_run: Run) -> None:
    known = [add_run(run_id(n), **seeded(small_run, n)) for n in range(3)]
    at = open_page("runs", runs=ids(known[0]))
    at.button(key="tick_seeds").click().run()
    assert set(address(at, "runs").split(".")) == {run.run_id for run in known}


def test_a_run_is_repeated_and_its_repetitions_wait_in_line(
    open_page: Open, add_run: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[Run] = []
    monkeypatch.setattr(control, "start_in_order", lambda wanted: started.extend(wanted) or [])
    run = add_run(run_id(1))
    at = open_page("runs", runs=ids(run))
    at.button(key="repeat_run").click().run()
    assert "Train 4 more" in buttons(at)
    assert "wait in the queue" in said(at)
    assert not started


def test_several_that_stand_still_go_on_in_the_order_of_their_creation(
    open_page: Open, add_run: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[str] = []
    monkeypatch.setattr(control, "start_in_order", lambda wanted: started.extend(run.run_id for run in wanted) or [])
    for n in range(3):
        path = add_run(run_id(n)).folder / "history.jsonl"
        if n < 2:
            path.write_text("\n".join([*path.read_text().splitlines()[:20], ""]))
    at = open_page("runs")
    assert "Resume all 2" in buttons(at)
    at.button(key="resume_all").click().run()
    assert started == [run_id(0), run_id(1)]


def test_one_that_stands_still_is_resumed_on_its_own_page(open_page: Open, add_run: Add) -> None:
    path = add_run(run_id(1)).folder / "history.jsonl"
    path.write_text("\n".join([*path.read_text().splitlines()[:20], ""]))
    assert "resume_all" not in [button.key for button in open_page("runs").button]


def test_notes_and_tags_stand_in_the_table_and_with_the_run(open_page: Open, add_run: Add) -> None:
    run = add_run(run_id(1))
    assert "tags" not in table(open_page("runs"))[0]
    notes.save_notes(run, Notes("too steep", ("wide",)))
    at = open_page("runs", runs=ids(run))
    assert {"tags", "note"} <= set(table(at)[0])
    assert column(at, "note") == ["too steep"]
    assert "too steep" in said(at)


def test_damaged_notes_are_named_and_break_nothing(open_page: Open, add_run: Add) -> None:
    run = add_run(run_id(1))
    (run.folder / notes.FILE).write_text("{")
    at = open_page("runs", runs=ids(run))
    assert "notes.json is damaged" in plainly(at)
    at.button(key="note_run").click().run()
    assert not at.exception


def test_runs_are_found_by_name_id_note_tag_and_kind(open_page: Open, add_run: Add) -> None:
    a, b = add_run(run_id(1), name="a deep one"), add_run(run_id(2), name="b")
    notes.save_notes(b, Notes("Deep enough", ("old",)))
    assert names(open_page("runs", find="DEEP")) == ["b", "a deep one"]
    assert names(open_page("runs", find="deep one")) == ["a deep one"]
    assert names(open_page("runs", find="142502")) == ["b"]
    assert names(open_page("runs", tag="old")) == ["b"]
    assert names(open_page("runs", status="Finished", model="mlp", data="digits")) == ["b", "a deep one"]
    at = open_page("runs", model="cnn", runs=ids(a))
    assert "0 of 2 runs shown." in said(at)
    at.button(key="runs_unfilter").click().run()
    assert names(at) == ["b", "a deep one"]
    assert address(at, "runs") == a.run_id


def test_a_filter_is_in_the_address_and_survives_a_change_of_page(open_page: Open, add_run: Add) -> None:
    for n in range(8):
        add_run(run_id(n), name=f"run {n}")
    at = open_page("runs")
    at.text_input(key="runs_find").set_value("run 3").run()
    assert address(at, "find") == "run 3"
    at.switch_page("evaluate.py").run()
    at.switch_page("runs.py").run()
    assert not at.exception
    assert names(at) == ["run 3"]


def test_runs_are_sorted_by_number_and_those_without_one_come_last(open_page: Open, add_run: Add) -> None:
    for n, wrong in enumerate((90, 5, 40)):
        read_wrong(add_run(run_id(n), judged=True, name=f"{wrong} wrong"), wrong)
    add_run(run_id(9), name="never judged")
    assert names(open_page("runs", sort="-test")) == ["5 wrong", "40 wrong", "90 wrong", "never judged"]
    assert names(open_page("runs", sort="created")) == ["90 wrong", "5 wrong", "40 wrong", "never judged"]


def test_ticks_behind_a_filter_stay(open_page: Open, add_run: Add) -> None:
    a, b = add_run(run_id(1), name="a"), add_run(run_id(2), name="b")
    at = open_page("runs", runs=ids(a, b), find="b")
    assert [row["ticked"] for row in table(at)] == [True]
    assert curves(at, "compare") == ["a", "b"]


def test_a_link_reopens_exactly_this_comparison(open_page: Open, add_run: Add) -> None:
    a, b = add_run(run_id(1), name="a"), add_run(run_id(2), name="b")
    at = open_page("runs", runs=ids(b, a), show="loss", over="time")
    assert curves(at, "compare") == ["b", "a"]
    assert "Validation loss of 2 runs over time: b, a." in chart(at, "compare")["description"]
    at.segmented_control(key="compare_axis").set_value("step").run()
    assert (address(at, "runs"), address(at, "show"), address(at, "over")) == (ids(b, a), "loss", "step")


@pytest.mark.parametrize(
    "address",
    [{"runs": "../../etc"}, {"runs": "x" * 5000}, {"show": "money"}, {"over": "moon"}, {"sort": "-moon"},
     {"seeds": "?"}, {"against": "<b>"}],
)  # fmt: skip
def test_an_address_that_makes_no_sense_breaks_nothing(
    open_page: Open, trained_run: Run, address: dict[str, str]
) -> None:
    at = open_page("runs", **address)
    assert len(curves(at, "compare")) == 1  # the newest run, as where nothing is asked for


@pytest.mark.parametrize("address", [{"tag": "none has it"}, {"data": "moon"}])
def test_where_a_filter_hides_all_runs_no_curves_of_theirs_are_drawn(
    open_page: Open, trained_run: Run, address: dict[str, str]
) -> None:
    at = open_page("runs", **address)
    assert "0 of 1 run shown." in said(at)
    assert "Curves" not in [heading.value for heading in at.subheader]
    at.button(key="runs_unfilter").click().run()
    assert len(curves(at, "compare")) == 1


def test_runs_that_a_link_names_and_that_are_gone_are_named(open_page: Open, add_run: Add) -> None:
    a, b = add_run(run_id(1), name="a"), add_run(run_id(2), name="b")
    store.delete_run(b)
    at = open_page("runs", runs=ids(a, b))
    assert f"This run was not found (perhaps deleted): {b.run_id}" in plainly(at)
    assert curves(at, "compare") == ["a"]


def test_an_address_says_only_what_was_chosen_and_is_read_back_as_it_was() -> None:
    assert to_query(RunsView()) == {}
    view = RunsView(runs=(run_id(1), run_id(2)), against=run_id(2), show="loss", find="a b", sort="-test", tag="x")
    assert from_query(to_query(view)) == view
    many = RunsView(runs=tuple(f"20251122-{n:06d}-mlp-aaaa" for n in range(200)))
    assert len(from_query(to_query(many)).runs) == MAX_LINKED


def test_p_values_have_two_digits() -> None:
    assert [fmt.p_value(p) for p in (1.0, 0.312, 0.0494, 0.0021, 0.00001)] == [
        "p = 1.00", "p = 0.31", "p = 0.049", "p = 0.0021", "p < 0.0001",
    ]  # fmt: skip


def test_a_run_that_is_deleted_while_its_curve_is_drawn_breaks_nothing(
    open_page: Open, add_run: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = add_run(run_id(1), name="a"), add_run(run_id(2), name="b")
    seen = glance_of

    def seen_once(run: Run) -> History:
        history = seen(run)
        if run.run_id == b.run_id:
            shutil.rmtree(b.folder, ignore_errors=True)  # by another tab
        return history

    monkeypatch.setattr(run_curves, "glance_of", seen_once)
    at = open_page("runs", runs=ids(a, b))
    assert not b.folder.exists()
    assert "Curves" in [heading.value for heading in at.subheader]
