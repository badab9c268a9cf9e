"""A slider over the epochs a run kept, and everything that changes with it."""

import numpy as np
import streamlit as st

from mnist_core.errors import CheckpointError, MnistError
from mnist_core.figures.confusion import confusion_figure
from mnist_core.figures.drawing import drawing_of
from mnist_core.figures.learning_curves import accuracy_at_chart
from mnist_core.figures.palette import PAPER
from mnist_core.networks.registry import NETWORKS
from mnist_core.runs.epochs import KeptEpoch, kept_epochs
from mnist_core.runs.run import Run
from mnist_core.runs.status import AT_WORK, status_of
from mnist_core.statistics.wilson import wilson_interval
from mnist_core.types import DIGITS
from pages.components.predict.answer import show_reading
from pages.components.predict.reading import Options, read
from pages.components.shared import address, playback, widgets
from pages.components.shared import format as fmt
from pages.components.shared.cached import epoch_of, history_of
from pages.components.shared.canvas import SIDE, drawing_pad
from pages.components.shared.frame import both
from pages.components.shared.labels import plain
from pages.components.shared.plotly_view import plotly_view
from pages.components.shared.ticker import ticker
from pages.components.time_machine.weights import show_weights

TICK_SECONDS = 0.5  # an epoch, while playing
EARLY = 0.1  # of a tick, by which a browser's clock may be ahead
WATCH_SECONDS = 1.0  # for epochs that a training has added
SLIDER = "epochs_epoch"
ROUNDED = (
    "The weights kept are rounded to 16 bits. In every network and epoch we tried, that changed the answer on at most "
    "one of MNIST's 10,000 test images."
)
STYLE = f"""
<style>
/* The slider stays in sight while one looks at what it moves. */
:has(> .st-key-epochs_bar) {{ position: sticky; top: 3.75rem; z-index: 40; background: {both(PAPER)}; }}
.st-key-epochs_bar {{ padding: 0.25rem 0; }}
.st-key-epochs_figures {{ min-width: min(100%, 36rem); }}
</style>
"""
ANSWERS = (*map(str, DIGITS), "no digit")  # in the order of a network's outputs


def time_machine(run: Run) -> None:
    """Show a run at the epoch chosen; new epochs appear as a training adds them."""
    kept, at_work = kept_epochs(run), _is_at_work(run)

    @st.fragment
    def machine() -> None:
        if at_work and (kept_epochs(run) != kept or not _is_at_work(run)):
            st.rerun()
        if playback.is_playing():
            _go_on(kept)
        _show(run, kept)
        idle = WATCH_SECONDS if at_work else None
        ticker(TICK_SECONDS if playback.is_playing() else idle, key="epochs_ticker")

    st.html(STYLE)
    machine()


def wait_for_first(run: Run) -> None:
    """Say that a run is training, and check until its first epoch is done."""

    @st.fragment
    def watch() -> None:
        if kept_epochs(run) or not _is_at_work(run):
            st.rerun()
        st.write(f"{plain(run.title)} is training and keeps its epochs: the first appears here when it is done.")
        ticker(WATCH_SECONDS, key="epochs_first")

    watch()


def _is_at_work(run: Run) -> bool:
    return status_of(run, history_of(run)) in AT_WORK


def _show(run: Run, kept: list[int]) -> None:
    epoch = _bar(run, kept)
    known = _readable(run, kept)
    try:
        shown = epoch_of(run, epoch)
    except CheckpointError as error:
        st.error(plain(str(error)))
        return
    with st.container(horizontal=True, gap="large", key="epochs_row"):
        left, right = st.container(width=SIDE, key="epochs_drawing"), st.container(key="epochs_figures")
    with left:
        _drawing(run, epoch)
    with right:
        _accuracy(run, shown)
        matrix, weights = st.columns([6, 7], gap="medium")  # the larger pictures of weights fit on a large screen
        with matrix:
            _matrix(shown, known)
        with weights:
            _first_layer(run, shown, known)


def _bar(run: Run, kept: list[int]) -> int:
    """Play and slider. Returns the epoch chosen, or the nearest that is kept."""
    wanted = address.chosen_epoch()
    epoch = kept[-1] if wanted is None else _nearest(kept, wanted)
    with st.container(key="epochs_bar", horizontal=True, vertical_alignment="bottom", gap="medium"):
        label, icon = ("Pause", ":material/pause:") if playback.is_playing() else ("Play", ":material/play_arrow:")
        st.button(label, icon=icon, key="epochs_play", on_click=_play, args=(run, kept, epoch), disabled=len(kept) < 2)
        if run.epochs > 1:
            widgets.turn_widget(SLIDER, epoch)
            # to the last one planned: a slider whose end moves would be another one at every epoch
            st.slider(
                "Epoch", 1, run.epochs, key=SLIDER, on_change=_choose, args=(run, kept), disabled=playback.is_playing()
            )
        else:
            st.markdown("Epoch 1, the only one.")
    if wanted not in (None, epoch):
        st.info(f"Epoch {wanted} was not kept. Showing epoch {epoch} instead.")
    return epoch


def _choose(run: Run, kept: list[int]) -> None:
    """The slider was moved. At the newest epoch of a run in progress, keep following newer ones."""
    wanted = widgets.widget_value(SLIDER)
    if playback.is_playing() or widgets.is_echo(SLIDER, wanted):
        return  # it cannot be moved while it plays: what is reported is where playing had it
    epoch = _nearest(kept, wanted)
    address.choose_run(run.run_id)  # so that the address names the run that the epoch is of
    playback.play(False)
    address.choose_epoch(None if epoch == kept[-1] and _is_at_work(run) else epoch)


def _nearest(kept: list[int], wanted: int) -> int:
    return min(kept, key=lambda one: abs(one - wanted))


def _play(run: Run, kept: list[int], epoch: int) -> None:
    """Begin, from the start if the end is shown; or stay where it is."""
    begins = not playback.is_playing()
    address.choose_run(run.run_id)
    playback.play(begins)
    address.turn_to(kept[0] if begins and epoch == kept[-1] else epoch)


def _go_on(kept: list[int]) -> None:
    """Turn to the next epoch when it is due; stop at the last."""
    epoch = address.chosen_epoch()
    later = [one for one in kept if epoch is not None and one > epoch]
    if later and playback.seconds_since_turn() < TICK_SECONDS * (1 - EARLY):
        return
    if len(later) <= 1:
        playback.play(False)  # first, so that the address names where it ends
    address.turn_to(later[0] if later else kept[-1])


def _readable(run: Run, kept: list[int]) -> list[KeptEpoch]:
    """All epochs but damaged ones, for scales that hold for all."""
    known = []
    for epoch in kept:
        try:
            known.append(epoch_of(run, epoch))
        except CheckpointError:
            continue  # said when it is looked at
    return known


def _accuracy(run: Run, shown: KeptEpoch) -> None:
    left, right = st.columns([2, 5], gap="medium", vertical_alignment="center")
    with left:
        accuracy = fmt.accuracy(shown.right / shown.n, wilson_interval(shown.right, shown.n))
        st.metric(
            "Validation accuracy", accuracy,
            help=f"The fraction of the {fmt.count(shown.n)} validation images read correctly after this epoch, "
            "with its 95 % interval. The test set is not used here: choosing an epoch by it would make "
            "its score optimistic.",
        )  # fmt: skip
        st.caption(f"{fmt.count(shown.n - shown.right)} of {fmt.count(shown.n)} misread after epoch {shown.epoch}")
    with right:
        plotly_view(
            drawing_of(accuracy_at_chart(history_of(run), shown.epoch)),
            key="epochs_accuracy",
            description=f"Validation accuracy over epochs, marked at epoch {shown.epoch}: {accuracy}.",
        )


def _matrix(shown: KeptEpoch, known: list[KeptEpoch]) -> None:
    st.subheader(
        "Confusion matrix", anchor=False,
        help="Rows are the true digits, columns the predicted ones, on validation images. "
        "The colour scale is the same at every epoch.",
    )  # fmt: skip
    most = max((int(_errors(epoch).max()) for epoch in known), default=0)
    errors = _errors(shown)
    true, predicted = np.unravel_index(int(errors.argmax()), errors.shape)
    said = f"Most often a {true} was read as {predicted}: {errors.max()} times." if errors.any() else "No errors."
    plotly_view(
        confusion_figure(shown.matrix, normalised=False, mute_diagonal=True, strongest=most),
        key="epochs_matrix",
        description=f"Confusion matrix after epoch {shown.epoch}, rows true, columns predicted. {said}",
    )


def _errors(epoch: KeptEpoch) -> np.ndarray:
    errors: np.ndarray = epoch.matrix - np.diag(np.diag(epoch.matrix))
    return errors


def _first_layer(run: Run, shown: KeptEpoch, known: list[KeptEpoch]) -> None:
    kind, units = NETWORKS[run.model.kind], len(shown.first_layer)
    st.subheader(
        "What it looks for", anchor=False,
        help=f"The weights of the first layer, one picture per {kind.unit}: the same places and the same colour scale "
        f"at every epoch. {kind.looks_at}",
    )  # fmt: skip
    show_weights(
        shown.first_layer,
        strongest=max((epoch.strongest for epoch in known), default=shown.strongest),
        description=f"The weights of the first {units} {kind.unit}s of the first layer after epoch {shown.epoch}.",
        names=ANSWERS[:units] if kind.of_answers else (),
    )


def _drawing(run: Run, epoch: int) -> None:
    st.subheader(
        "Your digit",
        anchor=False,
        help=f"Your drawing from the Predict page, read with this epoch's weights. {ROUNDED}",
    )
    picture = drawing_pad()
    if picture is None:
        st.write("Draw a digit, then move the slider to see when the network learned to read it.")
        return
    try:
        show_reading(read(run, picture, Options(invert="no"), epoch=epoch), key="epochs_probabilities")
    except MnistError as error:
        st.error(plain(str(error)))
