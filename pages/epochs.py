"""One run, epoch by epoch: its confusions, its first layer, and how it would have read a drawing."""

import streamlit as st

from mnist_core.runs import store
from mnist_core.runs.epochs import kept_epochs
from mnist_core.runs.status import is_at_work
from pages.components.shared.frame import page
from pages.components.shared.run_picker import pick_run, say_if_absent
from pages.components.time_machine.time_machine import time_machine, wait_for_first

st.title("Time machine", anchor=False)
st.markdown(
    "Go back to any epoch of a run: which digits it confused, what it looked for, how it would have read your drawing."
)
everything = store.healthy_runs()
known = [run for run in everything if kept_epochs(run)]
if not known:
    keeping = [run for run in everything if run.train.keep_epochs and is_at_work(run)]
    if keeping:
        wait_for_first(keeping[0])
    else:
        st.write(
            "No run has kept its epochs yet. On the Train page, open **More settings**, turn on "
            "**Keep every epoch's weights** and start training: the epochs appear here as they finish."
        )
        st.page_link(page("train"), label="Train one", icon=":material/show_chart:")
    st.stop()

run = pick_run(known, known[0], label="Run", key="epochs_run")
say_if_absent(run, lacks="did not keep its epochs; that is set before training, under More settings.")
time_machine(run)
