"""The first page: a digit to draw at once, the ways into the workbench, and what is here."""

import streamlit as st

from mnist_core.runs import store
from mnist_core.runs.run import DamagedRun
from mnist_core.runs.weights import has_weights
from pages.components.home.draw_first import draw_first
from pages.components.home.ways_in import door
from pages.components.home.what_is_here import show_latest, show_ready, show_training
from pages.components.shared.frame import page

st.title("A workbench for handwritten digits", anchor=False)
st.markdown(
    "Train a small neural network while you watch it learn, find out what it gets wrong and why, "
    "and let it read your own handwriting."
)
known = store.list_runs()
healthy = [run for run in known if not isinstance(run, DamagedRun)]
show_training()
draw_first([run for run in healthy if has_weights(run)])

st.space("small")
with st.grid(3, min_column_width=230, gap="small"):
    door(
        "train",
        "Train",
        "Choose a network, start training, and watch loss and accuracy change from the first step.",
        page=page("train"),
    )
    door(
        "evaluate",
        "Evaluate",
        "How often is it right on images it has never seen? Which digits does it confuse?",
        page=page("evaluate"),
    )
    door(
        "predict",
        "Predict",
        "Draw, upload or photograph digits. See what the network sees and how sure it is.",
        page=page("predict"),
    )

st.space("small")
show_ready(healthy)
show_latest([run for run in healthy if not run.shipped], damaged=len(known) - len(healthy))
