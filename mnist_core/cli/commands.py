"""What each verb of the command line does: call the core, print what it gave."""

import json
import signal
import sys
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, get_args

from tqdm import tqdm

from mnist_core.config import (
    DEFAULT_LEARNING_RATES,
    DEFAULT_WEIGHT_DECAYS,
    WITH_NON_DIGITS,
    DatasetName,
    ModelConfig,
    TrainConfig,
)
from mnist_core.datasets import registry as datasets
from mnist_core.datasets.synthetic import build
from mnist_core.errors import CheckpointError, ConfigError, ImageError
from mnist_core.insight import coach
from mnist_core.runs import notes, store
from mnist_core.runs.checkpoint import restore_run
from mnist_core.runs.history import FILE as HISTORY_FILE
from mnist_core.runs.run import DamagedRun, Run
from mnist_core.runs.status import read_history, status_of
from mnist_core.runs.summary import glance
from mnist_core.runs.weights import load_model
from mnist_core.training import presets
from mnist_core.types import EpochEnd, Prediction, StepEnd
from mnist_core.workers import worker

BATCH = 256  # pictures read at a time
STOP_SECONDS = 30.0  # a step and a save take far less


def train(options: Namespace) -> None:
    dataset = datasets.load(_dataset_name(options))
    model, config = _preset_configs(options) if options.preset else _configs(options)
    model = replace(model, refuses=dataset.name in WITH_NON_DIGITS)
    _train(store.create_run(dataset, model, config, name=options.name), options)


def _configs(options: Namespace) -> tuple[ModelConfig, TrainConfig]:
    """What the options say, one by one."""
    model = ModelConfig(options.model, options.hidden, options.dropout, options.size)
    train = TrainConfig(
        epochs=options.epochs,
        batch_size=options.batch_size,
        learning_rate=_given(options.learning_rate, DEFAULT_LEARNING_RATES[options.optimizer]),
        optimizer=options.optimizer,
        schedule=options.schedule,
        weight_decay=_given(options.weight_decay, DEFAULT_WEIGHT_DECAYS[options.optimizer]),
        augment=options.augment,
        precision=options.precision,
        device=options.device,
        seed=options.seed,
        keep_epochs=options.keep_epochs,
        label_smoothing=options.label_smoothing,
        train_share=options.train_share,
    )
    return model, train


def _preset_configs(options: Namespace) -> tuple[ModelConfig, TrainConfig]:
    """What the preset says, with the options that it leaves open.

    Raises:
        ConfigError: if an option is given that the preset sets.
    """
    chosen = presets.preset(options.preset, options.model)
    unset = {**asdict(ModelConfig()), **asdict(TrainConfig()), "learning_rate": None, "weight_decay": None}
    given = [name for name in presets.settings_of(chosen) if getattr(options, name) != unset[name]]
    if given:
        names = ", ".join(f"--{name.replace('_', '-')}" for name in given)
        raise ConfigError(f"--preset {options.preset} sets {names} itself; leave out one or the other")
    return chosen.model, replace(chosen.train, **{name: getattr(options, name) for name in presets.YOURS})


def resume(options: Namespace) -> None:
    run = store.find_run(options.run)
    worker.check_can_start(run)
    _train(run, options)


def repeat(options: Namespace) -> int:
    """Returns the exit status: 0 if the repeat is identical, else 1."""
    from mnist_core.runs import repeat as repeating
    from mnist_core.runs import reproducibility

    original = reproducibility.original_of(repeating.find_original(options.run))
    run = repeating.create_repeat(original.run, name=repeating.name_of_repeat(original.run))
    _watched(run, options, last_epoch=original.comparable_epochs)
    likeness = reproducibility.compare(original, run)
    _print(options, reproducibility.summary_of(likeness), reproducibility.sentence(likeness))
    return 0 if likeness.identical else 1


def card(options: Namespace) -> None:
    from mnist_core.export.run_card import card_html

    run = store.find_run(options.run)
    html = card_html(run)
    if options.output == "-":
        if options.json:
            raise ConfigError("--json and --output - both want standard output; give the card a file")
        print(html, end="")
        return
    file = Path(options.output or f"{run.run_id}.html")
    try:
        file.write_text(html, encoding="utf8")
    except OSError as error:
        raise ConfigError(f"cannot write {file}: {error.strerror}; give another --output") from error
    _print(options, {"run_id": run.run_id, "file": str(file)}, f"{run.run_id}: {file}")


def extend(options: Namespace) -> None:
    _train(store.extend_run(store.find_run(options.run), options.epochs), options)


def restore(options: Namespace) -> None:
    run = store.find_folder(options.run)
    put_back = restore_run(run)
    said = f"put back {' and '.join(put_back)}" if put_back else "nothing is damaged that its saved state could mend"
    _print(options, {"run_id": run.run_id, "restored": put_back}, f"{run.run_id}: {said}")


def teach(options: Namespace) -> None:
    from mnist_core.finetuning import finetune as teaching

    base = store.find_run(options.run) if options.run else store.default_run()
    run, left_out = teaching.create_fine_tuning_run(base)
    for sentence in left_out:
        print(f"left out: {sentence}", file=sys.stderr)
    end = _watched(run, options)
    report = teaching.load_report(run.folder)
    assert report or end == "stopped"
    summary = {**_training_summary(run, end), **(teaching.summary_of(run, report) if report else {})}
    _print(options, summary, f"{end}\n{_teaching_text(run, summary)}" if report else _end_text(run, summary))


def stop(options: Namespace) -> None:
    run = store.find_run(options.run)
    worker.stop(run, wait_seconds=STOP_SECONDS)
    status = status_of(run)
    _print(options, {"run_id": run.run_id, "status": status}, f"{run.run_id}: {status}")


def evaluate(options: Namespace) -> None:
    from mnist_core.runs import evaluations

    evaluation = evaluations.evaluate_run(store.find_run(options.run), options.split)
    summary = evaluations.summary_of(evaluation)
    _print(options, summary, _evaluation_text(summary))


def predict(options: Namespace) -> None:
    run = store.find_run(options.run) if options.run else store.default_run()
    model = load_model(run)
    files = list(_files(options.paths))
    bar = tqdm(files, unit="picture", disable=len(files) < BATCH or not sys.stderr.isatty())
    rows = list(_read_files(model, bar, options))
    lines = [f"{row['file']}: {_said(row)}" for row in rows]
    _print(options, {"run_id": run.run_id, "predictions": rows}, "\n".join(lines))


def list_runs(options: Namespace) -> None:
    rows = [_run_row(run) for run in store.list_runs()]
    lines = [f"{row['run_id']}  {row['status']:<11}  {row['text']}" for row in rows]
    _print(options, [{k: v for k, v in row.items() if k != "text"} for row in rows], "\n".join(lines) or "no runs yet")


def note(options: Namespace) -> None:
    run = store.find_run(options.run)
    try:
        kept = notes.load_notes(run)
    except CheckpointError:
        if options.text is None:
            raise
        kept = notes.Notes()  # a new note is the way out
    if options.text is not None or options.tag or options.untag:
        text = kept.note if options.text is None else options.text
        kept = notes.Notes(notes.clean_note(text), kept.tags).tagged(options.tag, options.untag)
        notes.save_notes(run, kept)
    lines = [run.run_id, *([f"tags: {', '.join(kept.tags)}"] if kept.tags else []), kept.note or "no note"]
    _print(options, {"run_id": run.run_id, "note": kept.note, "tags": list(kept.tags)}, "\n".join(lines))


def data(options: Namespace) -> None:
    if options.action == "download":
        with tqdm(unit="B", unit_scale=True, disable=options.json) as bar:
            datasets.download(on_progress=lambda done, total: _show(bar, done, total))
    if options.action == "people":
        with tqdm(unit="picture", unit_scale=True, disable=options.json) as bar:
            build.build(on_progress=lambda done, total: _show(bar, done, total))
    here = {name: datasets.is_available(name) for name in get_args(DatasetName)}
    _print(options, here, "\n".join(f"{name:<12} {'here' if there else 'not here'}" for name, there in here.items()))


def _show(bar: Any, done: int, total: int) -> None:
    bar.total = total
    bar.update(done - bar.n)


def _train(run: Run, options: Namespace) -> None:
    summary = _training_summary(run, _watched(run, options))
    _print(options, summary, _end_text(run, summary))


def _watched(run: Run, options: Namespace, *, last_epoch: int | None = None) -> str:
    """Train a run here, with its progress on standard error. Returns how it ended.

    Args:
        last_epoch: stop after this one, as if somebody had asked for it.
    """
    from mnist_core.workers import trainer

    asked = trainer.stop_on_signals(signal.SIGTERM, signal.SIGINT)
    with tqdm(unit="image", unit_scale=True, disable=options.json, dynamic_ncols=True) as bar:
        say = bar.write if not options.json else (lambda text: None)
        say(f"run {run.run_id}: {run.model.kind}, {run.parameters:,} parameters, {run.device}, {run.precision}")
        bar.total = run.split_sizes["train"] * (last_epoch or run.epochs)
        bar.initial = bar.n = sum(read_history(run).step_images)

        def show(event: StepEnd | EpochEnd) -> None:
            if isinstance(event, StepEnd):
                bar.update(event.images)
            else:
                say(
                    f"epoch {event.epoch}/{run.epochs}: loss {event.train_loss:.4f}, "
                    f"accuracy {event.train_accuracy:.2%}; validation loss {event.validation_loss:.4f}, "
                    f"accuracy {event.validation_accuracy:.2%}"
                )
                if event.epoch == last_epoch:
                    asked.set()

        return trainer.train_run(run.folder, should_stop=asked.is_set, on_event=show)


def _end_text(run: Run, summary: dict[str, Any]) -> str:
    accuracy = summary["validation_accuracy"]
    said = "no epoch done" if accuracy is None else f"best validation accuracy {accuracy:.2%}"
    goes_on = "" if summary["status"] == "finished" else f"; go on with: python -m mnist_core resume {run.run_id}"
    advice = summary["advice"]
    return "\n".join(
        [
            f"{summary['status']} after {summary['training_seconds']:.1f} s, {said}{goes_on}",
            *([advice["sentence"]] if advice else []),
        ]
    )


def _teaching_text(run: Run, summary: dict[str, Any]) -> str:
    """Before and after, each with its interval."""
    lines = []
    for name, key in (("your digits", "own"), (f"{summary['data']} validation", "old")):
        figures = summary.get(key)
        if figures is None:
            lines.append(f"{name}: too few, or not judged yet; ten pictures give a first figure")
            continue
        shares = [
            "{:.2%} ({:.2%} to {:.2%})".format(figures[when], *figures[f"{when}_interval"])
            for when in ("before", "after")
        ]
        lines.append(f"{name}, {figures['n']:,}: before {shares[0]}, after {shares[1]}")
    return "\n".join([f"{summary['run_id']} learned from {summary['pictures']} pictures", *lines])


def _training_summary(run: Run, status: str) -> dict[str, Any]:
    history = read_history(run)
    best, advice = history.best, coach.advise(run, history)
    return {
        "run_id": run.run_id,
        "status": status,
        "epochs": len(history.epochs),
        "training_seconds": history.elapsed_seconds,
        "validation_accuracy": best.validation_accuracy if best else None,
        "parameters": run.parameters,
        "advice": {**asdict(advice), "sentence": advice.sentence} if advice else None,
    }


def _evaluation_text(summary: dict[str, Any]) -> str:
    low, high = summary["accuracy_interval"]
    lines = [
        f"{summary['run_id']} on {summary['n']:,} {summary['split']} images",
        f"accuracy {summary['accuracy']:.2%} (95 % interval {low:.2%} to {high:.2%}), loss {summary['loss']:.4f} nats",
        "",
        "true \\ predicted" + "".join(f"{digit:>6}" for digit in range(10)),
    ]
    lines += [
        f"{row:>16}" + "".join(f"{n:>6}" for n in counts) for row, counts in enumerate(summary["confusion_matrix"])
    ]
    lines += ["", "digit  precision  recall      f1  images"]
    lines += [
        "{label:>5}  {precision:>9.2%}  {recall:>6.2%}  {f1:>6.4f}  {support:>6}".format(**score)
        for score in summary["per_class"]
    ]
    return "\n".join(lines)


def _files(paths: list[str]) -> Iterator[Path]:
    """Pictures as given, folders walked in order; hidden files are not pictures somebody means."""
    for path in map(Path, paths):
        if path.is_dir():
            yield from sorted(f for f in path.rglob("*") if f.is_file() and not f.name.startswith("."))
        else:
            yield path


def _read_files(model: Any, files: Any, options: Namespace) -> Iterator[dict[str, Any]]:
    from mnist_core.images.decode import read_with_scale
    from mnist_core.reading.predict import read_digit, read_number

    for file in files:
        try:
            picture, scale = read_with_scale(file)
            if options.number:
                read = read_number(model, picture, invert=options.invert, threshold=options.threshold)
            else:
                read = [read_digit(model, picture, invert=options.invert, threshold=options.threshold)]
        except ImageError as error:
            yield _row(file, [], str(error))
        else:
            yield _row(file, [_in_file(p, scale) for p in read], None)


def _in_file(prediction: Prediction, scale: float) -> Prediction:
    """With its box in the pixels of the file, which is read smaller if it is large."""
    box = prediction.box
    return replace(prediction, box=box.scaled(scale)) if box and scale != 1 else prediction


def _row(file: Path, read: list[Prediction], error: str | None) -> dict[str, Any]:
    one = read[0] if len(read) == 1 else None
    digits = [p for p in read if p.is_digit]
    return {
        "file": str(file),
        "is_digit": one.is_digit if one else False,
        "digit": one.digit if one else None,
        "confidence": one.confidence if one else min((p.confidence for p in digits), default=0.0),
        "probabilities": one.probabilities.tolist() if one else [0.0] * 10,
        "digit_probability": one.digit_probability if one else min((p.digit_probability for p in digits), default=0.0),
        "text": "".join(str(p.digit) for p in digits),
        "digits": [_digit_row(p) for p in read if p.digit is not None and p.box is not None],
        "error": error,
    }


def _digit_row(prediction: Prediction) -> dict[str, Any]:
    return {
        "box": vars(prediction.box),
        "digit": prediction.digit,
        "confidence": prediction.confidence,
        "is_digit": prediction.is_digit,
        "digit_probability": prediction.digit_probability,
    }


def _said(row: dict[str, Any]) -> str:
    """What was read in a file, for people."""
    if row["error"]:
        return str(row["error"])
    refused = [digit for digit in row["digits"] if not digit["is_digit"]]
    if not row["text"]:
        nearest = ", ".join(str(digit["digit"]) for digit in refused)
        return f"not a digit (nearest: {nearest})" if refused else "no digit found"
    left_out = f", {len(refused)} left out as not a digit" if refused else ""
    return f"{row['text']} ({row['confidence']:.0%} sure{left_out})"


def _run_row(run: Run | DamagedRun) -> dict[str, Any]:
    if isinstance(run, DamagedRun):
        return {"run_id": run.run_id, "status": "damaged", "reason": run.reason, "text": run.reason}
    history = glance(run.folder / HISTORY_FILE)
    best = history.best
    written = _notes_row(run)
    return {
        "run_id": run.run_id,
        "status": status_of(run, history),
        "name": run.name,
        "data": run.dataset,
        "model": run.model.kind,
        "parameters": run.parameters,
        "epochs": len(history.epochs),
        "planned_epochs": run.epochs,
        "training_seconds": history.elapsed_seconds,
        "validation_accuracy": best.validation_accuracy if best else None,
        **written,
        "text": f"{run.model.kind} on {run.dataset}, epoch {len(history.epochs)}/{run.epochs}"
        + (f", validation accuracy {best.validation_accuracy:.2%}" if best else "")
        + (f"  {run.name}" if run.name else "")
        + "".join(f"  #{tag}" for tag in written["tags"]),
    }


def _notes_row(run: Run) -> dict[str, Any]:
    try:
        written = notes.load_notes(run)
    except CheckpointError as error:
        return {"note": "", "tags": [], "notes_error": str(error)}
    return {"note": written.note, "tags": list(written.tags)}


def _dataset_name(options: Namespace) -> Any:
    name = options.data or datasets.default_dataset()
    if not options.data and name != "mnist":
        print(
            "MNIST is not here, so this trains on scikit-learn's 1,797 small digits; `data download` fetches MNIST",
            file=sys.stderr,
        )
    return name


def _given(value: float | None, default: float) -> float:
    return default if value is None else value


def _print(options: Namespace, values: Any, text: str) -> None:
    print(json.dumps(values) if options.json else text)
