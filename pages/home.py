"""What this is, what is ready, where to go."""

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
        "Choose a network, press start, and see loss and accuracy move from the first step on.",
        page=page("train"),
        label="Train a network",
    )
    door(
        "evaluate",
        "Examine",
        "How often is it right on images it never saw? Which digits does it take for which?",
        page=page("evaluate"),
        label="Examine a run",
    )
    door(
        "predict",
        "Draw",
        "Write a digit, upload one or hold it to the camera. See what the network sees, and how sure it is.",
        page=page("predict"),
        label="Draw a digit",
    )

st.space("small")
known = store.list_runs()
healthy = [run for run in known if not isinstance(run, DamagedRun)]
show_ready(healthy)
show_latest([run for run in healthy if not run.shipped], damaged=len(known) - len(healthy))
