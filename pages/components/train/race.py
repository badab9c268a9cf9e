"""The race: a run with a preset's settings, beside the recorded training of that preset."""

from datetime import datetime

import streamlit as st

from mnist_core.insight.races import Reference, Standing, reference_of, standing
from mnist_core.networks.registry import NETWORKS
from mnist_core.runs.history import History
from mnist_core.runs.run import Run
from mnist_core.runs.status import Status
from mnist_core.statistics.wilson import interval_of
from pages.components.shared import format as fmt
from pages.components.shared.plotly_view import Live, plotly_view
from pages.components.train.live import News

PART = 2  # of the figures sent, after loss and accuracy


def show_race(run: Run, history: History, news: News) -> None:
    """Draw the race and say who is ahead; nothing for a run that has no preset's settings."""
    reference = reference_of(run)
    if reference is None or news.race is None:
        return
    said = race_sentence(run, history, news.status, reference)
    label = f"Race to {fmt.percent(reference.target, 0)}"
    with st.expander(label, expanded=True, icon=":material/flag:", key="race"):
        text = f"Accuracy over training time in seconds, yours and the reference's. {said.replace('**', '')}"
        live = Live(run.run_id, PART, news.state, asks=False)
        plotly_view(news.race, key="live_race", description=text, live=live)
        st.markdown(said)
        st.caption(_whose_it_is(run, reference), help=_what_is_drawn(reference))


def race_sentence(run: Run, history: History, status: Status, reference: Reference) -> str:
    """Who reached the target when, or the standing at the latest step."""
    now, target = standing(history, reference), fmt.percent(reference.target, 0)
    if now.arrival is not None:
        judged = history.epochs[history.epoch_seconds.index(now.arrival)].validation_accuracy
        yours = _accuracy(judged, run.split_sizes["validation"])
        return (
            f"You: {target} after **{fmt.duration(now.arrival)}** ({yours}), reference "
            f"{fmt.duration(reference.arrival)} ({_accuracy(reference.arrival_accuracy, reference.validation_size)}): "
            f"**{now.words}**{_doubt(now, reference)}."
        )
    if status == "finished" and history.best:
        best = _accuracy(history.best.validation_accuracy, run.split_sizes["validation"])
        return (
            f"You: **not reached**; the best of this run is {best}. The reference reached {target} after "
            f"{fmt.duration(reference.arrival)}{_missed(reference)}. Try another seed."
        )
    where = f"at step {history.step[-1]} of {history.total_steps}" if history.step else "at the start"
    return (
        f"You: not there yet, **{now.words}** {where}. "
        f"The reference reached {target} after {fmt.duration(reference.arrival)}."
    )


def _accuracy(value: float, n: int) -> str:
    return fmt.accuracy(value, interval_of(value, n))


def _missed(reference: Reference) -> str:
    """How often the reference's own settings miss the target."""
    missed = sum(finish.seconds is None for finish in reference.finishes)
    return f"; {missed} of its {len(reference.finishes)} seeds missed it too" if missed else ""


def _doubt(now: Standing, reference: Reference) -> str:
    """Whether luck with the seed alone could explain the lead."""
    if "level" in now.words or abs(now.lead) > reference.spread:
        return ""
    return ", which is within the spread of its own seeds"


def _whose_it_is(run: Run, reference: Reference) -> str:
    """The machines of the reference and of the run, in small print: times mean nothing without them."""
    when = datetime.fromisoformat(reference.created)
    load = [] if reference.load is None else [f"load {reference.load:.1f} before it started"]
    theirs = _kit(reference)
    other = [part for part in _kit(run) if part not in theirs]
    return f"Reference recorded on {', '.join([*theirs, *load, f'{when.day} {when:%b %Y}'])}. " + (
        f"Yours differs: {', '.join(other)}." if other else "Yours ran on the same."
    )


def _what_is_drawn(reference: Reference) -> str:
    came = sorted(finish.seconds for finish in reference.finishes if finish.seconds is not None)
    return (
        "Lines: accuracy on the training batches, smoothed. Dots: accuracy on validation images after each epoch, "
        "which decides the race. Pauses are not counted. "
        f"The reference is the {NETWORKS.label(reference.kind)} with these settings, trained on "
        f"that machine with {len(reference.finishes)} seeds: {len(came)} reached the target, after "
        f"{fmt.duration(came[0])} to {fmt.duration(came[-1])}, and the median one is drawn. Load is how many "
        "programs wanted a core."
    )


def _kit(what: Run | Reference) -> list[str]:
    """The hardware and software that a training used."""
    on = "on its GPU" if what.device == "cuda" else fmt.count(what.threads, "thread")
    return [what.machine, on, what.precision, f"torch {what.versions['torch']}"]
