"""A person's own digits: does the model read them, what is kept of them, and a copy of the model that learns them."""

import streamlit as st

from mnist_core.errors import MnistError
from mnist_core.runs import store
from mnist_core.runs.weights import has_weights
from pages.components.shared import toasts
from pages.components.shared.cached import kept_not_digits, kept_pictures
from pages.components.shared.frame import page
from pages.components.shared.labels import plain
from pages.components.shared.run_picker import pick_run, say_if_absent, usual_run
from pages.components.teach.kept_grid import kept_grid
from pages.components.teach.reads_me import reads_me
from pages.components.teach.teaching import teaching

STYLE = """
<style>
/* Beside the pad there is room for what is asked, or else below it. */
.st-key-quiz_prompt { min-width: min(100%, 20rem); }
.st-key-predict_run input { text-overflow: ellipsis; }
</style>
"""

st.title("My handwriting", anchor=False)
known = [run for run in store.healthy_runs() if has_weights(run)]
if not known:
    st.write("There is no trained model yet that could read you.")
    st.page_link(page("train"), label="Train one", icon=":material/show_chart:")
    st.stop()

if news := toasts.take_news():  # before any fragment that has the page drawn for it
    st.toast(news)
st.html(STYLE)
run = pick_run(known, usual_run(known), label="Model", key="predict_run", use="read with")
say_if_absent(run, "read with")
reads_me(run)
try:
    pictures, no_digits = kept_pictures(), kept_not_digits()
    kept_grid(run, [*pictures, *no_digits])
    if pictures:
        teaching(run, pictures)
except MnistError as error:
    st.error(plain(str(error)))
