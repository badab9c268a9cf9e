"""One run, live: its state, metrics, curves and actions. Reads only the run's folder."""

import shutil

import streamlit as st

from mnist_core import paths
from mnist_core.datasets.registry import DATASETS
from mnist_core.errors import MnistError
from mnist_core.insight import coach
from mnist_core.runs.history import History
from mnist_core.runs.run import Run
from mnist_core.runs.status import AT_WORK, Status, status_of
from mnist_core.training.optimizers import OPTIMIZERS
from mnist_core.workers import control, queue
from mnist_core.workers.standstill import Kind, standing_still, standstill_of
from pages.components.shared import address, toasts
from pages.components.shared import format as fmt
from pages.components.shared.cached import history_of, remarks_on
from pages.components.shared.card_button import card_button
from pages.components.shared.frame import page
from pages.components.shared.labels import BADGES, plain
from pages.components.shared.plotly_view import Live, plotly_view
from pages.components.shared.reliable_button import button
from pages.components.teach.teaching_report import show_teaching
from pages.components.train.live import Figures, ahead_in_line, figures_of, watched
from pages.components.train.race import show_race
from pages.components.train.run_start import start_run
from pages.components.train.run_words import validation_accuracy, words_of
from pages.components.train.standing_still import ICON, badge_of, what_to_do
from pages.components.train.train_longer import train_longer

LITTLE_ROOM = 20_000_000  # bytes: a state of the largest network and the one before it
STOPPED_BECAUSE = {
    "stopped": "You stopped it at {progress}",
    "interrupted": "It stopped unexpectedly at {progress} (killed, or the computer shut down)",
}


def run_panel(run: Run) -> None:
    """Show a run and follow it: the curves by its feed, and whenever they ask for it, all that stands around them."""
    at_work = _at_work(status_of(run, history_of(run)))
    if told := toasts.take_news():
        st.toast(told)

    @st.fragment
    def panel() -> None:
        news, history = watched(run).news(), history_of(run)
        status = status_of(run, history)
        if _at_work(status) != at_work or toasts.has_news():
            st.rerun()  # once: the rest of the page tells who is at work, too
        _heading(run, status, history)
        _say_what_it_means(run, status, history)
        _say_what_was_lost(history)
        _actions(run, status, history)
        _figures(run, history)
        if run.base and status == "finished":
            show_teaching(run)
        show_race(run, history, news)
        show_curves(history, news.figures, run_id=run.run_id, state=news.state)
        _advise(run, history)

    panel()


def _at_work(status: Status) -> tuple[bool, list[str], dict[str, Kind]]:
    """Whether the run shown is in progress, which runs are, and which of them get nowhere."""
    folder = paths.checkpoints_folder()
    return status in AT_WORK, queue.at_work(folder), standing_still(folder)


def _heading(run: Run, status: Status, history: History) -> None:
    still = standstill_of(run, history) if status in AT_WORK else None
    name, colour, icon = badge_of(still) if still else BADGES[status]
    share = "" if run.train.train_share == 1 else f"{run.train.train_share:.0%} of "
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.subheader(plain(run.title), anchor=False, width="content")
        st.badge(name, color=colour, icon=icon)
    st.caption(
        f"{run.run_id} · {fmt.count(run.parameters)} parameters on {share}{DATASETS.label(run.dataset)} · "
        f"batch {run.train.batch_size} · "
        f"{OPTIMIZERS.label(run.train.optimizer)}, learning rate {run.train.learning_rate:g} · "
        f"{run.device}, {run.precision} · seed {run.train.seed}"
    )


def _say_what_it_means(run: Run, status: Status, history: History) -> None:
    share = words_of(run, history).run_fraction
    if status == "starting":
        st.progress(0.0, "Starting a worker …")
    elif status == "queued":
        ahead = ahead_in_line(run)
        waiting = f"{fmt.count(ahead, 'run is', 'runs are')} ahead of it in the queue for the {run.device.upper()}."
        st.progress(share, waiting if ahead else "Starting …")
    elif status == "running":
        words = words_of(run, history)
        with st.container(key="run_progress"):
            st.progress(words.run_fraction, words.run_progress)
    if status in AT_WORK:
        if said := what_to_do(run, history):
            st.warning(said, icon=ICON)
    elif status == "finished":
        _say_finished(run, history)
    elif status == "failed":
        st.error(f"Training failed: {plain(history.error)}.")
    elif status == "stopped" and history.last_event == "finished":
        st.progress(share, f"{fmt.count(run.epochs - history.last_epoch, 'epoch')} left to train. Resume to continue.")
    else:
        st.progress(
            share,
            f"{STOPPED_BECAUSE[status].format(progress=fmt.percent(share, 0))}. "
            "Resume continues from the last saved step; nothing before it is lost.",
        )
        if status == "interrupted" and _room(run) < LITTLE_ROOM:
            st.warning(
                "The disk is full or nearly full: free some space before you resume.", icon=":material/hard_drive:"
            )


def _say_what_was_lost(history: History) -> None:
    """Say what was lost to damaged files, if anything."""
    if history.lost:
        st.caption(f":material/healing: When it was resumed, {plain(history.lost)}.")
    if history.damaged_lines:
        lines = fmt.count(history.damaged_lines, "line")
        st.caption(
            f":material/healing: {lines} of its history cannot be read: the curves have gaps, the weights are intact."
        )


def _room(run: Run) -> int:
    """Bytes left on the disk the run lies on."""
    try:
        return shutil.disk_usage(run.folder).free
    except OSError:
        return LITTLE_ROOM


def _say_finished(run: Run, history: History) -> None:
    best = history.best
    assert best is not None
    accuracy = validation_accuracy(run, best)
    st.success(
        f"Done in {fmt.duration(history.elapsed_seconds)}. The best weights are from epoch {best.epoch}: "
        f"**{accuracy}** accuracy on {fmt.count(run.split_sizes['validation'])} validation images it never trained on."
        + _why_so_soon(run, history),
        icon=":material/check:",
    )
    if remarks := remarks_on(run):
        st.warning("\n\n".join(f"{plain(remark[0].upper() + remark[1:])}." for remark in remarks))


def _why_so_soon(run: Run, history: History) -> str:
    if not history.stopped_early:
        return ""
    done = f"{history.last_epoch} of {fmt.count(run.epochs, 'epoch')}"
    return f" It stopped early, after {done}: for {run.train.patience} the accuracy had not risen."


def _figures(run: Run, history: History) -> None:
    words, n = words_of(run, history), fmt.count(run.split_sizes["validation"])
    figures = (
        ("run_loss", "Training loss", words.run_loss,
         "Mean cross-entropy of the last batches, in nats: 2.303 is guessing, 0 is certain and correct. It is where "
         "the curve ends."),
        ("run_time", "Training time", words.run_time, "Pauses are not counted."),
        ("run_accuracy", "Best validation accuracy", words.run_accuracy,
         f"The fraction of the {n} validation images read correctly after the best epoch so far, whose weights are "
         "kept, with its 95 % interval."),
    )  # fmt: skip
    with st.grid(3, min_column_width=150, gap="small"):
        for key, label, value, meaning in figures:
            st.container(key=key).metric(label, value, help=meaning)


def show_curves(history: History, figures: Figures, *, run_id: str, state: str) -> None:
    """Loss and accuracy of a run, and of what is yet to come."""
    texts = (_loss_text(history), _accuracy_text(history))
    with st.grid(2, min_column_width=320, gap="small"):
        for part, (name, figure, text) in enumerate(zip(("loss", "accuracy"), figures, texts, strict=True)):
            live = Live(run_id, part, state, asks=part == 0)
            plotly_view(figure, key=f"live_{name}", description=text, live=live)


def show_axes() -> None:
    """What the curves will be drawn on, so that nothing jumps when the first points come."""
    nothing = History()
    with st.grid(2, min_column_width=320, gap="small"):
        for name, figure in zip(("loss", "accuracy"), figures_of(nothing), strict=True):
            text = f"{name.capitalize()} over epochs; nothing measured yet."
            plotly_view(figure, key=f"empty_{name}", description=text)


def _advise(run: Run, history: History) -> None:
    """What the curves say, if anything, under them: below it is nothing that could move when it comes or goes."""
    if not (found := coach.all_advice(run, history)):
        return
    first, *others = found
    said, place = st.columns([7, 2], gap="small", vertical_alignment="center")
    said.markdown(f":material/lightbulb: {first.evidence} **{first.next_step}**", help=_also(others))
    with place:
        if press := button("Apply and train", icon=":material/play_arrow:", key=f"apply_{run.run_id}"):
            with st.spinner("Preparing the data …"), press:
                _apply(run, first)
            st.rerun()


def _apply(run: Run, advice: coach.Advice) -> None:
    """Train a new run as advised, on the same data, and show it."""
    try:
        address.show_next(start_run(run.dataset, *advice.applied_to(run), name="").run_id)
    except MnistError as error:
        toasts.announce(str(error))


def _also(others: list[coach.Advice]) -> str | None:
    """The rest of the advice, as a tooltip."""
    return "\n\n".join(f"Also: {advice.sentence}" for advice in others) or None


def _actions(run: Run, status: Status, history: History) -> None:
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        if status in AT_WORK:
            st.button("Stop", icon=":material/stop:", on_click=_stop, args=(run,), key="stop_run",
                      help="Saves everything, so you can resume later.", disabled=status == "starting")  # fmt: skip
        elif status in ("stopped", "interrupted", "failed"):
            st.button(
                "Resume", icon=":material/play_arrow:", type="primary", on_click=_resume, args=(run,), key="resume_run"
            )
        if status == "finished" and not history.stopped_early:
            train_longer(run)
        if history.epochs:
            where = {"run": run.run_id}
            st.page_link(page("evaluate"), label="See its errors", icon=":material/grid_on:", query_params=where)
            st.page_link(page("predict"), label="Try it on your own digit", icon=":material/draw:", query_params=where)
            if run.train.keep_epochs:
                st.page_link(page("epochs"), label="Time machine", icon=":material/history:", query_params=where)
        if status not in AT_WORK:
            card_button(run)


def _stop(run: Run) -> None:
    try:
        control.stop(run)
        toasts.announce("Saving, then stopping.")
    except MnistError as error:
        toasts.announce(str(error))


def _resume(run: Run) -> None:
    try:
        control.start(run)
    except MnistError as error:
        toasts.announce(str(error))


def _loss_text(history: History) -> str:
    if not history.step:
        return "Loss over epochs; nothing measured yet."
    return (
        f"Loss over epochs: the training loss went from {history.step_loss[0]:.2f} to {history.step_loss[-1]:.2f} nats."
    )


def _accuracy_text(history: History) -> str:
    if not history.epochs:
        return "Accuracy over epochs; no epoch done yet."
    last = history.epochs[-1]
    return f"Accuracy over epochs: {last.validation_accuracy:.2%} on validation after epoch {last.epoch}."
