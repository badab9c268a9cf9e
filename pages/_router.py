"""The pages, in the order one uses them."""

from pathlib import Path

import streamlit as st

from pages.components.shared.frame import frame
from pages.components.shared.training_sign import training_sign

PAGES = Path(__file__).resolve().parent

frame()
training_sign()
chosen = st.navigation(
    [
        st.Page(PAGES / "home.py", title="Home", icon=":material/home:", default=True),
        st.Page(PAGES / "train.py", title="Train", icon=":material/show_chart:"),
        st.Page(PAGES / "evaluate.py", title="Evaluate", icon=":material/grid_on:"),
        st.Page(PAGES / "epochs.py", title="Time machine", icon=":material/history:"),
        st.Page(PAGES / "predict.py", title="Predict", icon=":material/draw:"),
        st.Page(PAGES / "my_handwriting.py", title="My handwriting", icon=":material/history_edu:"),
        st.Page(PAGES / "runs.py", title="Runs", icon=":material/stacked_line_chart:"),
    ],
    position="top",  # so that the pages have the width
)
chosen.run()
