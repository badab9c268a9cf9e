"""The race: a run with a preset's settings, beside the recorded training of that preset."""

from datetime import datetime

import streamlit as st

from mnist_core.history import History
from mnist_core.races import Reference, Standing, reference_of, standing
from mnist_core.runs import Run, Status
from mnist_core.scores import wilson_interval
from mnist_core.words import MODELS
from pages.components import format as fmt
from pages.components.live import News
from pages.components.plotly_view import Live, plotly_view

HEIGHT = 260  # as the curves above
FIRST_PART = 2  # of the figures sent, after loss and accuracy


def show_race(run: Run, history: History, news: News) -> None:
    """Draw the race and say who is ahead; nothing for a run that has no preset's settings."""
    reference = reference_of(run)
    if reference is None:
        return
    said = race_sentence(run, history, news.status, reference)
    with st.expander(f"Race to {fmt.percent(reference.target, 0)}", expanded=True, icon=":material/flag:"):
        with st.grid(2, min_column_width=320, gap="small"):
            for index, (name, figure) in enumerate(zip(("accuracy", "loss"), news.race, strict=True)):
                text = f"{name.capitalize()} over seconds of training, yours and the reference's. {said}"
                live = Live(run.run_id, FIRST_PART + index, news.state, asks=False)
                plotly_view(figure, key=f"race_{name}", height=HEIGHT, description=text, live=live)
        st.markdown(said)
        st.caption(_what_it_is(run, reference))


def race_sentence(run: Run, history: History, status: Status, reference: Reference) -> str:
    """Who got to the target when, or how it stands at the latest step."""
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
            f"You: **not there**, {best} is the best of this run. The reference was at {target} after "
            f"{fmt.duration(reference.arrival)}. About one seed in ten misses it: try another."
        )
    if not history.step:
        return f"You: not there yet. The reference was at {target} after {fmt.duration(reference.arrival)}."
    return (
        f"You: not there yet. At step {history.step[-1]} of {history.total_steps} you are **{now.words}**; "
        f"the reference was at {target} after {fmt.duration(reference.arrival)}."
    )


def _accuracy(value: float, n: int) -> str:
    return fmt.accuracy(value, wilson_interval(round(value * n), n))


def _doubt(now: Standing, reference: Reference) -> str:
    """Whether luck with the seed would be as large."""
    if "level" in now.words or abs(now.lead) > reference.spread:
        return ""
    return ", no more than its own seeds differ"


def _what_it_is(run: Run, reference: Reference) -> str:
    """Whose the reference is, in small print: no stopwatch means anything without its machine."""
    seconds = [finish.seconds for finish in reference.finishes]
    came = sorted(value for value in seconds if value is not None)
    when = datetime.fromisoformat(reference.created)
    load = "" if reference.load is None else f" (load {reference.load:.1f} before it began)"
    same = (run.machine, run.threads, run.precision) == (reference.machine, reference.threads, reference.precision)
    yours = "Your run had the same." if same else f"Yours is another: {_kit(run)}."
    return (
        "Lines are the training batches, smoothed; dots are validation after each epoch. Pauses do not count. "
        f"The reference is the {MODELS[reference.kind]} with these settings, of {len(seconds)} seeds the one in the "
        f"middle: {len(came)} came to the target, after {fmt.duration(came[0])} to {fmt.duration(came[-1])}. "
        f"Recorded on {_kit(reference)}{load} on {when.day} {when:%b %Y}, torch {reference.versions['torch']}. {yours}"
    )


def _kit(what: Run | Reference) -> str:
    """What a training ran on."""
    on = "GPU, " if what.device == "cuda" else ""
    return f"{what.machine}: {on}{fmt.count(what.threads, 'thread')}, {what.precision}"
