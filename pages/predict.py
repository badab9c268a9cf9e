"""Draw, upload or photograph a digit; see what the model saw and how sure it is."""

import streamlit as st

from mnist_core.errors import MnistError
from mnist_core.runs import store
from mnist_core.runs.run import Run
from mnist_core.runs.weights import has_weights
from pages.components.predict.answer import show_reading, show_way
from pages.components.predict.correction import offer_correction
from pages.components.predict.drawing import draw
from pages.components.predict.reading import Options, read_upload, reading_options
from pages.components.predict.uploads import show_uploads
from pages.components.shared import toasts
from pages.components.shared.frame import page
from pages.components.shared.labels import plain
from pages.components.shared.run_picker import pick_run, say_if_absent, usual_run

STYLE = """
<style>
/* Beside the photograph there is room for the answer, or else below it. */
.st-key-camera_answer { min-width: min(100%, 20rem); max-width: 44rem; }
/* A photograph leaves room for its answer on the first screen. */
.st-key-camera_photo { flex: 0 1 30rem; min-width: min(100%, 17.5rem); max-width: 30rem; }
.st-key-predict_run { min-width: min(100%, 18rem); }
.st-key-predict_run input { text-overflow: ellipsis; }
</style>
"""


def photograph(run: Run, options: Options) -> None:
    with st.container(key="camera_row", horizontal=True, gap="large"):
        left, right = st.container(key="camera_photo"), st.container(key="camera_answer")
    with left:
        photo = st.camera_input("Hold it close to the camera, dark ink on light paper.", key="camera")
    if photo is None:
        return
    with right:
        reading = read_upload(run, photo.getvalue(), options)
        show_reading(reading, key="camera_probabilities")
        offer_correction(reading, options, key="photographed")
    show_way(reading)


st.title("Predict", anchor=False)
known = [run for run in store.healthy_runs() if has_weights(run)]
if not known:
    st.write("There is no trained model yet.")
    st.page_link(page("train"), label="Train one", icon=":material/show_chart:")
    st.stop()

if news := toasts.take_news():  # before any fragment that has the page drawn for it
    st.toast(news)
st.html(STYLE)
with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
    run = pick_run(known, usual_run(known), label="Model", key="predict_run", use="read with")
    options = reading_options()
say_if_absent(run, "read with")
try:
    names = ["Draw", "Upload", "Camera"]
    drawing, upload, camera = st.tabs(names, on_change="rerun", key="predict_tab")
    if drawing.open:
        with drawing:
            draw(run, options)
    if upload.open:
        with upload:
            show_uploads(run, options)
    if camera.open:
        with camera:
            photograph(run, options)
except MnistError as error:
    st.error(plain(str(error)))
st.page_link(
    page("my_handwriting"),
    label="My handwriting: does it read me, and can it learn me?",
    icon=":material/history_edu:",
    query_params={"run": run.run_id},
)
