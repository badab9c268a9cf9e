"""Each file of a run damaged in turn, and every page opened on it: said plainly where it matters, broken nowhere."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from on_screen import buttons, links
from small_runs import copy_run
from streamlit.testing.v1 import AppTest
from waiting import HANG_SECONDS

from mnist_core import paths
from mnist_core.runs.history import FILE as HISTORY_FILE
from mnist_core.runs.run import Run

ROUTER = str(paths.APP_FOLDER / "pages" / "_router.py")
PAGES = ("home.py", "train.py", "evaluate.py", "predict.py", "runs.py")
FILES = (
    "run.json", "history.jsonl", "weights.safetensors", "state.pt", "state-before.pt", "evaluation.json",
    "evaluation-test.npz", "lock", "notes.json", "asked",
)  # fmt: skip


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def overwrite(path: Path) -> None:
    path.write_bytes(os.urandom(max(100, path.stat().st_size)))


def replace_by_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.fixture
def beside(small_run: Run, checkpoints: Path) -> Run:
    """A healthy run beside the damaged one."""
    return copy_run(small_run, checkpoints, judged=True, name="the healthy one")


@pytest.mark.parametrize("spoil", [truncate, overwrite, replace_by_a_folder, Path.unlink])
@pytest.mark.parametrize("name", FILES)
def test_no_page_breaks_on_a_damaged_file(
    small_run: Run, beside: Run, checkpoints: Path, name: str, spoil: Callable[[Path], None]
):
    run = copy_run(small_run, checkpoints, "29991231-235959-mlp-zzzz", judged=True, name="the damaged one")
    path = run.folder / name
    if not path.exists():
        path.write_text('{"note": "a note", "tags": ["a tag"]}')
    spoil(path)
    at = AppTest.from_file(ROUTER, default_timeout=HANG_SECONDS)
    at.query_params["run"] = run.run_id
    at.run()
    for page in PAGES:
        at.query_params["run"] = run.run_id
        at.switch_page(page).run()
        assert not at.exception, (page, at.exception)
        assert at.title
    shutil.rmtree(run.folder)


FETCHED = "![i](http://192.0.2.1/x.png)"  # as Markdown, a picture that the browser would fetch


@pytest.mark.parametrize("event", ["failed", "resumed", "stopped"])
def test_no_text_of_a_run_becomes_a_picture_from_elsewhere(small_run: Run, checkpoints: Path, event: str) -> None:
    run = copy_run(small_run, checkpoints, name=f"a name\n\n{FETCHED}", machine=FETCHED, versions={"torch": FETCHED})
    path = run.folder / HISTORY_FILE
    lines = path.read_text().splitlines()
    started = json.loads(next(line for line in lines if '"started"' in line))
    last = {"failed": {"error": FETCHED}, "resumed": {**started, "lost": FETCHED}, "stopped": {}}[event]
    moment = {key: json.loads(lines[-1])[key] for key in ("time", "elapsed")}
    path.write_text("\n".join([*lines[:-1], json.dumps({**last, **moment, "event": event}), "damaged"]) + "\n")
    (run.folder / "notes.json").write_text(json.dumps({"note": FETCHED, "tags": ["![i](http:x)"]}))
    at = AppTest.from_file(ROUTER, default_timeout=HANG_SECONDS)
    at.query_params["run"] = run.run_id
    at.run()
    for page in PAGES:
        at.query_params["run"] = run.run_id
        at.switch_page(page).run()
        assert not at.exception
        words = [
            each.value
            for kind in (at.title, at.subheader, at.markdown, at.caption, at.info, at.warning, at.error, at.success)
            for each in kind
        ]
        sketches = [each.value for each in at.markdown if each.allow_html]
        assert not [sketch for sketch in sketches if "\n" in sketch.partition("</style>")[2]], page
        shown = [*words, *links(at), *buttons(at), *(expander.label for expander in at.expander)]
        assert not [text for text in shown if FETCHED in text and text not in sketches], page
