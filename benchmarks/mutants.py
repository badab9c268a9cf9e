"""Run folders damaged in every way, looked at as pages and commands do: `python -m benchmarks.mutants --mutants 50000`.

A mutant is a real run of an earlier version with one file changed: cut off, bits flipped, values of other types or
extreme, nested, a link, a pipe, an archive that is a trap. Whatever is asked of it must answer or say what is wrong
(`MnistError`), at once and in little memory, and the healthy run beside it must be listed each time.
"""

import argparse
import json
import os
import resource
import shutil
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from benchmarks.mutations import ANYWHERE, EXTREMES, MORE, Mutation
from mnist_core.cli.runs import run_row
from mnist_core.errors import MnistError
from mnist_core.export.csv import history_csv
from mnist_core.export.run_card import card_html
from mnist_core.figures.drawing import drawing_of
from mnist_core.figures.learning_curves import learning_chart
from mnist_core.finetuning.examples import load_examples
from mnist_core.finetuning.finetune import load_report
from mnist_core.insight.coach import all_advice
from mnist_core.insight.races import reference_of
from mnist_core.reading.predict import probabilities_of
from mnist_core.runs import epochs, evaluations, notes, store
from mnist_core.runs.checkpoint import restore_run
from mnist_core.runs.history import FILE as HISTORY_FILE
from mnist_core.runs.run import Run
from mnist_core.runs.status import read_history, status_of
from mnist_core.runs.summary import glance
from mnist_core.runs.weights import load_model
from pages.components.train.run_words import words_of

RUNS = Path(__file__).resolve().parents[1] / "tests" / "data" / "runs" / "0.3.0"
MAX_SECONDS = 2.0  # of this processor, for all that is asked of a mutant
MAX_MEMORY = 300  # MB that all mutants together may have it grow by
EVERYTHING = 0.1  # of the mutants are asked everything, the others what their file has to do with


class Herd:
    """Runs to damage, a healthy one beside them, and what is asked of each."""

    def __init__(self, folder: Path) -> None:
        for run in sorted(path for path in RUNS.iterdir() if path.is_dir()):
            shutil.copytree(run, folder / run.name)
        first = min(path for path in folder.iterdir())
        self.healthy = Path(shutil.copytree(first, folder / "20260101-000000-mlp-well"))
        written = json.loads((self.healthy / "run.json").read_text())
        (self.healthy / "run.json").write_text(json.dumps({**written, "run_id": self.healthy.name}))
        self.folder = folder
        self.files = sorted(
            path.relative_to(folder)
            for path in folder.rglob("*")
            if path.is_file() and self.healthy not in path.parents
        )  # fmt: skip

    def is_well(self) -> None:
        """Every question has its answer while nothing is damaged. From then on all that is imported or read once is
        there, and is no mutant's."""
        own = [run for run in store.healthy_runs() if not run.shipped]
        assert {run.folder.parent for run in own} == {self.folder}
        for run in own:
            run_row(run)
            for _, ask in QUESTIONS:
                ask(run)
            assert restore_run(run) == []

    def mutations(self) -> "st.SearchStrategy[tuple[Path, Mutation]]":
        """A file and what is done to it."""

        def of(file: Path) -> "st.SearchStrategy[tuple[Path, Mutation]]":
            how = st.sampled_from(ANYWHERE + MORE.get(file.suffix, ()))
            return st.tuples(st.just(file), st.builds(Mutation, how, st.floats(0, 1), st.sampled_from(EXTREMES)))

        return st.sampled_from(self.files).flatmap(of)

    def endures(self, file: Path, mutation: Mutation) -> None:
        """Change a file, ask everything, and put it back.

        Raises:
            AssertionError: if something takes too long, or the healthy run is not listed.
            Exception: whatever is raised that is not ours.
        """
        path, run = self.folder / file, self.folder / file.parts[0]
        if path.stat().st_size == 0 and mutation.how in MORE.get(path.suffix, ()):
            return
        content, stands = path.read_bytes(), set(run.rglob("*"))
        others = {other: other.read_bytes() for other in stands if other.is_file() and other != path}
        mutation(path)
        began = time.process_time()
        try:
            self._ask(file, everything=file.name == "run.json" or mutation.place < EVERYTHING)
            seconds = time.process_time() - began
            assert seconds < MAX_SECONDS, f"{seconds:.1f} s"
        finally:
            if path.is_dir() and not path.is_symlink():
                path.rmdir()
            path.unlink(missing_ok=True)
            path.write_bytes(content)
            for more in set(run.rglob("*")) - stands:
                more.unlink()
            for other, was in others.items():  # what a restore has written
                if not other.is_file() or other.read_bytes() != was:
                    other.write_bytes(was)

    def _ask(self, file: Path, *, everything: bool) -> None:
        listed = {run.run_id: run for run in store.list_runs()}
        assert isinstance(listed[self.healthy.name], Run)
        damaged = listed[file.parts[0]]
        json.dumps(run_row(damaged), allow_nan=False)
        if isinstance(damaged, Run):
            for name, ask in QUESTIONS:
                if everything or name in str(file):
                    with suppress(MnistError):
                        ask(damaged)
        if everything or file.suffix == ".pt":
            with suppress(MnistError):
                restore_run(damaged)


def _ask_history(run: Run) -> None:
    history = read_history(run)
    status_of(run, history)
    words_of(run, history)
    all_advice(run, history)
    reference_of(run)
    assert "=cmd" not in history_csv(history)
    for quantity in ("loss", "accuracy"):
        drawing_of(learning_chart(history, quantity))
    assert glance(run.folder / HISTORY_FILE).epochs == history.epochs


def _ask_model(run: Run) -> None:
    assert np.isfinite(probabilities_of(load_model(run), np.zeros((1, 28, 28), np.uint8))).all()


def _ask_epochs(run: Run) -> None:
    for epoch in epochs.kept_epochs(run)[:2]:
        epochs.load_epoch(run, epoch, most=4)
        epochs.load_model_at(run, epoch)


# What is asked, and the files that it is asked of; of `run.json` everything is.
QUESTIONS: tuple[tuple[str, Callable[[Run], object]], ...] = (
    ("history", _ask_history),
    ("weights", _ask_model),
    ("epochs/", _ask_epochs),
    ("history", card_html),
    ("evaluation", card_html),
    ("notes", notes.load_notes),
    ("evaluation", lambda run: evaluations.load_evaluation(run, "test")),
    ("evaluation", lambda run: evaluations.load_evaluation(run, "validation")),
    ("evaluation", lambda run: evaluations.times_taken(run, "test")),
    ("teaching", lambda run: load_report(run.folder)),
    ("lessons", lambda run: load_examples(run.folder) if run.base else None),
)


def check(herd: Herd, mutants: int, *, which: int = 0) -> int:
    """Let so many mutants be asked everything. Returns the megabytes of memory that this has taken.

    Args:
        which: other ones for each number, always the same ones for the same.
    """

    @seed(which)
    @settings(
        max_examples=mutants, deadline=None, database=None, suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(herd.mutations())
    def every_mutant_is_endured(mutant: tuple[Path, Mutation]) -> None:
        herd.endures(*mutant)

    herd.is_well()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    every_mutant_is_endured()
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
    assert grown < MAX_MEMORY, f"{grown} MB"
    return grown


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--mutants", type=int, default=50_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["MNIST_CHECKPOINTS"] = folder
        began = time.monotonic()
        grown = check(Herd(Path(folder)), options.mutants)
    print(f"{options.mutants:,} mutants, 0 failures, {time.monotonic() - began:.0f} s, {grown} MB more memory")


if __name__ == "__main__":
    main()
