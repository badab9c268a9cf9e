"""The first page: what the workbench is, what is ready, where to start."""

import streamlit as st

from mnist_core.runs import store
from mnist_core.runs.run import DamagedRun
from pages.components.home.ways_in import door
from pages.components.home.what_is_here import samples, show_latest, show_ready
from pages.components.shared.frame import page

st.title("A workbench for handwritten digits", anchor=False)
st.markdown(
    "Train a small neural network while you watch it learn, find out what it gets wrong and why, "
    "and let it read your own handwriting."
)
samples()
st.space("small")

with st.grid(3, min_column_width=230, gap="small"):
    door(
        "train",
        "Train",
        "Choose a network, start training, and watch loss and accuracy change from the first step.",
        page=page("train"),
        label="Train a network",
    )
    door(
        "evaluate",
        "Evaluate",
        "How often is it right on images it has never seen? Which digits does it confuse?",
        page=page("evaluate"),
        label="Evaluate a run",
    )
    door(
        "predict",
        "Predict",
        "Draw a digit, upload one or hold one up to the camera. See what the network sees and how sure it is.",
        page=page("predict"),
        label="Draw a digit",
    )

st.space("small")
known = store.list_runs()
healthy = [run for run in known if not isinstance(run, DamagedRun)]
show_ready(healthy)
show_latest([run for run in healthy if not run.shipped], damaged=len(known) - len(healthy))
