"""More epochs for a run that has finished."""

import streamlit as st

from mnist_core.errors import MnistError
from mnist_core.runs import store
from mnist_core.runs.run import Run, has_saved_state
from mnist_core.training.config import BOUNDS
from mnist_core.workers import control
from pages.components.shared import format as fmt
from pages.components.shared import toasts, widgets

EPOCHS = "longer_epochs"


def train_longer(run: Run) -> None:
    """Offer to extend a finished run, and say what that does to its schedule."""
    most = int(BOUNDS["epochs"].high) - run.epochs
    can = not run.shipped and run.base is None and most > 0 and has_saved_state(run)
    if not can:
        return
    with st.popover("Train longer", icon=":material/more_time:"):
        epochs = st.number_input("Epochs to add", 1, most, min(run.train.epochs, most), key=EPOCHS)
        st.caption(_what_the_schedule_does(run, epochs))
        st.button("Continue training", type="primary", key="train_longer", on_click=_train_longer, args=(run,))


def _what_the_schedule_does(run: Run, epochs: int) -> str:
    rate = f"{run.train.learning_rate:g}"
    if run.train.schedule == "constant":
        return f"The learning rate stays at {rate}: as if {run.epochs + epochs} epochs had been planned from the start."
    return (
        f"The learning rate has decayed, so it starts a new cycle over the added {fmt.count(epochs, 'epoch')}: it "
        f"rises to {rate} again and falls. Accuracy may dip in between; the weights of the best epoch are kept."
    )


def _train_longer(run: Run) -> None:
    try:
        control.start(store.extend_run(run, int(widgets.widget_value(EPOCHS))))
    except MnistError as error:
        toasts.announce(str(error))
