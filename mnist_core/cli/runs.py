"""Verbs for runs on disk: runs, note, card, restore."""

from argparse import Namespace
from pathlib import Path
from typing import Any

from mnist_core.cli.arguments import add_run, add_verb
from mnist_core.cli.output import print_result
from mnist_core.errors import CheckpointError, ConfigError
from mnist_core.runs import notes, store
from mnist_core.runs.checkpoint import restore_run
from mnist_core.runs.history import FILE as HISTORY_FILE
from mnist_core.runs.run import DamagedRun, Run
from mnist_core.runs.status import AT_WORK, status_of
from mnist_core.runs.summary import glance
from mnist_core.workers.standstill import standstill_of


def add_verbs(verbs: Any) -> None:
    add_verb(verbs, "runs", list_runs, "list the runs")
    write = add_verb(verbs, "note", note, "add a note or tags to a run, or show them")
    add_run(write)
    write.add_argument("text", nargs="?", metavar="TEXT", help="the note, replacing any earlier one; '' removes it")
    write.add_argument("--tag", action="append", default=[], metavar="T", help="add a tag; may be repeated")
    write.add_argument("--untag", action="append", default=[], metavar="T", help="remove a tag; may be repeated")
    page = add_verb(verbs, "card", card, "write a run card: one HTML page to read, print or share")
    add_run(page)
    page.add_argument("--output", metavar="FILE", help="default: RUN.html in the current folder; - for standard output")
    mend = add_verb(verbs, "restore", restore, "restore a damaged run.json or weights from the saved state")
    mend.add_argument("run", metavar="RUN", help="a run ID, or a unique prefix of one; the run may be damaged")


def list_runs(options: Namespace) -> None:
    rows = [run_row(run) for run in store.list_runs()]
    lines = [f"{row['run_id']}  {row['status']:<11}  {row['text']}" for row in rows]
    print_result(
        options, [{k: v for k, v in row.items() if k != "text"} for row in rows], "\n".join(lines) or "no runs yet"
    )


def note(options: Namespace) -> None:
    run = store.find_run(options.run)
    if options.text is None:
        kept = notes.load_notes(run)  # tags added to a damaged file would lose what can still be read of it
    if options.text is not None or options.tag or options.untag:
        kept = notes.change_notes(run, lambda there: _written(there, options))
    lines = [run.run_id, *([f"tags: {', '.join(kept.tags)}"] if kept.tags else []), kept.note or "no note"]
    print_result(options, {"run_id": run.run_id, "note": kept.note, "tags": list(kept.tags)}, "\n".join(lines))


def _written(there: notes.Notes, options: Namespace) -> notes.Notes:
    text = there.note if options.text is None else options.text
    return notes.Notes(notes.clean_note(text), there.tags).tagged(options.tag, options.untag)


def card(options: Namespace) -> None:
    from mnist_core.export.run_card import card_html

    run = store.find_run(options.run)
    html = card_html(run)
    if options.output == "-":
        if options.json:
            raise ConfigError("--json and --output - both write to standard output; choose a file for the card")
        print(html, end="")
        return
    file = Path(options.output or f"{run.run_id}.html")
    try:
        file.write_text(html, encoding="utf8")
    except OSError as error:
        raise ConfigError(f"cannot write {file}: {error.strerror}; choose another --output") from error
    print_result(options, {"run_id": run.run_id, "file": str(file)}, f"{run.run_id}: {file}")


def restore(options: Namespace) -> None:
    run = store.find_folder(options.run)
    put_back = restore_run(run)
    said = f"restored {' and '.join(put_back)}" if put_back else "nothing is damaged that the saved state could restore"
    print_result(options, {"run_id": run.run_id, "restored": put_back}, f"{run.run_id}: {said}")


def run_row(run: Run | DamagedRun) -> dict[str, Any]:
    if isinstance(run, DamagedRun):
        return {"run_id": run.run_id, "status": "damaged", "reason": run.reason, "text": run.reason}
    history = glance(run.folder / HISTORY_FILE)
    best = history.best
    status = status_of(run, history)
    still = standstill_of(run, history) if status in AT_WORK else None
    written = _notes_row(run)
    return {
        "run_id": run.run_id,
        "status": status,
        "name": run.name,
        "data": run.dataset,
        "model": run.model.kind,
        "parameters": run.parameters,
        "epochs": len(history.epochs),
        "planned_epochs": run.epochs,
        "training_seconds": history.elapsed_seconds,
        "validation_accuracy": best.validation_accuracy if best else None,
        **written,
        **({"suspended_process": still.pid} if still else {}),
        "text": f"{run.model.kind} on {run.dataset}, epoch {len(history.epochs)}/{run.epochs}"
        + (f", validation accuracy {best.validation_accuracy:.2%}" if best else "")
        + (f"  {run.name}" if run.name else "")
        + "".join(f"  #{tag}" for tag in written["tags"])
        + (f"  its process {still.pid} is suspended and holds up the queue; `stop` wakes and ends it" if still else ""),
    }


def _notes_row(run: Run) -> dict[str, Any]:
    try:
        written = notes.load_notes(run)
    except CheckpointError as error:
        return {"note": "", "tags": [], "notes_error": str(error)}
    return {"note": written.note, "tags": list(written.tags)}
