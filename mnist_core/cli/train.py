"""Verbs that train: train, resume, extend, repeat, teach, stop."""

import argparse
import signal
import sys
from argparse import Namespace
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from tqdm import tqdm

from mnist_core.cli.arguments import add_run, add_settings, add_verb, given_settings, option_of
from mnist_core.cli.output import print_result
from mnist_core.config import settings_of
from mnist_core.datasets import registry
from mnist_core.datasets.remarks import remarks
from mnist_core.errors import ConfigError
from mnist_core.insight import coach
from mnist_core.networks.config import ModelConfig
from mnist_core.runs import store
from mnist_core.runs.run import Run
from mnist_core.runs.status import read_history, status_of
from mnist_core.training import presets
from mnist_core.training.config import TrainConfig
from mnist_core.training.optimizers import OPTIMIZERS
from mnist_core.types import EpochEnd, StepEnd
from mnist_core.workers import control

STOP_SECONDS = 30.0  # a step and a save take far less


def add_verbs(verbs: Any) -> None:
    _add_train(add_verb(verbs, "train", train, "train a network on a data set"))
    add_run(add_verb(verbs, "resume", resume, "resume a run that was stopped or interrupted"))
    again = add_verb(
        verbs, "repeat", repeat,
        "train a run again and report whether the result is identical (exit status 0) or not (1)",
    )  # fmt: skip
    again.add_argument(
        "run", metavar="RUN", help="a run ID, a unique prefix of one, latest, or a path to a run.json or its folder"
    )
    learn = add_verb(verbs, "teach", teach, "fine-tune a copy of a run on the handwriting kept on the Predict page")
    learn.add_argument("run", nargs="?", metavar="RUN", help="default: the shipped model")
    longer = add_verb(verbs, "extend", extend, "train a finished run for more epochs")
    add_run(longer)
    longer.add_argument(
        "epochs", type=int, metavar="N", help="epochs to add; with one-cycle, they form a cycle of their own"
    )
    add_run(add_verb(verbs, "stop", stop, "make a run save its state and stop"))


def _add_train(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--data", choices=tuple(registry.DATASETS), help="default: mnist, or digits if MNIST is missing")
    verb.add_argument(
        "--preset", choices=tuple(presets.PRESETS), help="settings tuned for the model, instead of your own"
    )
    add_settings(verb)
    verb.add_argument("--name", default="", metavar="TEXT", help="a name for the run")


def train(options: Namespace) -> None:
    dataset = registry.load(_dataset_name(options))
    model, config = _preset_configs(options) if options.preset else _configs(options)
    model = replace(model, refuses=registry.DATASETS[dataset.name].shows_non_digits)
    _train(store.create_run(dataset, model, config, name=options.name), options)


def _configs(options: Namespace) -> tuple[ModelConfig, TrainConfig]:
    """The settings given, and for the others the usual ones of the optimiser."""
    given = given_settings(options, TrainConfig)
    optimizer = OPTIMIZERS[given.get("optimizer", TrainConfig().optimizer)]
    usual = {name: getattr(optimizer, name) for name, each in settings_of(TrainConfig).items() if each.by_optimizer}
    return ModelConfig(**given_settings(options, ModelConfig)), TrainConfig(**(usual | given))


def _preset_configs(options: Namespace) -> tuple[ModelConfig, TrainConfig]:
    """The preset's settings, and the given ones that it leaves open.

    Raises:
        ConfigError: if an option is given that the preset sets.
    """
    chosen = presets.preset(options.preset, options.kind or ModelConfig().kind)
    known = settings_of(ModelConfig) | settings_of(TrainConfig)
    given = given_settings(options, ModelConfig) | given_settings(options, TrainConfig)
    if twice := given.keys() - presets.YOURS - {"kind"}:
        names = ", ".join(option_of(name, known[name]) for name in known if name in twice)
        raise ConfigError(f"--preset {options.preset} sets {names} itself; leave out the preset or those options")
    return chosen.model, replace(chosen.train, **{name: given[name] for name in presets.YOURS & given.keys()})


def resume(options: Namespace) -> None:
    run = store.find_run(options.run)
    control.check_can_start(run)
    _train(run, options)


def repeat(options: Namespace) -> int:
    """Returns the exit status: 0 if the repeat is identical, else 1."""
    from mnist_core.runs import repeat as repeating
    from mnist_core.runs import reproducibility

    original = reproducibility.original_of(repeating.find_original(options.run))
    run = repeating.create_repeat(original.run, name=repeating.name_of_repeat(original.run))
    _watched(run, options, last_epoch=original.comparable_epochs)
    likeness = reproducibility.compare(original, run)
    print_result(options, reproducibility.summary_of(likeness), reproducibility.sentence(likeness))
    return 0 if likeness.identical else 1


def extend(options: Namespace) -> None:
    _train(store.extend_run(store.find_run(options.run), options.epochs), options)


def teach(options: Namespace) -> None:
    from mnist_core.finetuning import finetune as teaching

    base = store.find_run(options.run) if options.run else store.default_run()
    run, left_out = teaching.create_fine_tuning_run(base)
    _say_to_errors(f"skipped: {sentence}" for sentence in left_out)
    end = _watched(run, options)
    report = teaching.load_report(run.folder)
    assert report or end == "stopped"
    summary = {**_training_summary(run, end), **(teaching.summary_of(run, report) if report else {})}
    print_result(options, summary, f"{end}\n{_teaching_text(run, summary)}" if report else _end_text(run, summary))


def stop(options: Namespace) -> None:
    run = store.find_run(options.run)
    control.stop(run, wait_seconds=STOP_SECONDS)
    status = status_of(run)
    print_result(options, {"run_id": run.run_id, "status": status}, f"{run.run_id}: {status}")


def _train(run: Run, options: Namespace) -> None:
    dataset = registry.load(run.dataset)
    _say_to_errors(f"skipped: {sentence}" for sentence in dataset.left_out.values())
    warnings = [f"warning: {remark}" for remark in remarks(dataset)]
    _say_to_errors(warnings)
    summary = _training_summary(run, _watched(run, options))
    _say_to_errors(warnings)  # those before have long been scrolled away, and the accuracy hides what they say
    print_result(options, summary, _end_text(run, summary))


def _say_to_errors(sentences: Iterable[str]) -> None:
    for sentence in sentences:
        print(sentence, file=sys.stderr)


def _watched(run: Run, options: Namespace, *, last_epoch: int | None = None) -> str:
    """Train a run here, with its progress on standard error. Returns how it ended.

    Args:
        last_epoch: stop after this one, as if asked to.
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
    said = "no epoch finished" if accuracy is None else f"best validation accuracy {accuracy:.2%}"
    goes_on = "" if summary["status"] == "finished" else f"; resume it with: python -m mnist_core resume {run.run_id}"
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
            lines.append(f"{name}: not evaluated yet, or too few; at least ten pictures are needed")
            continue
        shares = [
            "{:.2%} ({:.2%} to {:.2%})".format(figures[when], *figures[f"{when}_interval"])
            for when in ("before", "after")
        ]
        lines.append(f"{name}, {figures['n']:,}: before {shares[0]}, after {shares[1]}")
    return "\n".join([f"{summary['run_id']} was fine-tuned on {summary['pictures']} pictures", *lines])


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
        "advice": _advice(advice) if advice else None,
    }


def _dataset_name(options: Namespace) -> str:
    name: str = options.data or registry.default_dataset()
    if not options.data and name != "mnist":
        print(
            "MNIST is missing, so this trains on scikit-learn's 1,797 small digits; `data download` downloads MNIST",
            file=sys.stderr,
        )
    return name


def _advice(advice: coach.Advice) -> dict[str, Any]:
    return {
        "kind": advice.kind,
        "evidence": advice.evidence,
        "next_step": advice.next_step,
        "changes": dict(advice.suggestion.changes),
        "sentence": advice.sentence,
    }
