"""Draw, upload or photograph a digit; see what the model saw and how sure it is."""

import streamlit as st

from mnist_core.errors import MnistError
from mnist_core.runs import store
from mnist_core.runs.run import Run
from mnist_core.runs.weights import has_weights
from pages.components.predict.answer import show_reading, show_way
from pages.components.predict.correction import offer_correction
from pages.components.predict.reading import Options, read, read_upload, reading_options
from pages.components.predict.uploads import show_uploads
from pages.components.shared import toasts
from pages.components.shared.cached import model_of
from pages.components.shared.canvas import FINE_PEN, PEN, SIDE, drawing_pad
from pages.components.shared.frame import page
from pages.components.shared.labels import plain
from pages.components.shared.pad import current_pad
from pages.components.shared.run_picker import pick_run, say_if_absent, usual_run

STYLE = """
<style>
/* Beside the pad there is room for the answer, or else below it. */
.st-key-draw_answer, .st-key-camera_answer { min-width: min(100%, 20rem); max-width: 44rem; }
/* A photograph leaves room for its answer on the first screen. */
.st-key-camera_photo { flex: 0 1 30rem; min-width: min(100%, 17.5rem); max-width: 30rem; }
.st-key-predict_run { min-width: min(100%, 18rem); }
.st-key-predict_run input { text-overflow: ellipsis; }
</style>
"""
INVITATIONS = {
    "auto": "Draw a digit from 0 to 9, as large as you like, or several side by side.",
    "one": "Draw one digit from 0 to 9, as large as you like.",
    "many": "Draw several digits side by side, not touching.",
}


@st.fragment
def draw(run: Run, options: Options) -> None:
    """The drawing tab. A stroke reruns only this fragment, so errors are shown here and not by the page around it."""
    with st.container(key="draw_row", horizontal=True, gap="medium"):
        left, right = st.container(width=SIDE), st.container(key="draw_answer")
    with left:
        picture = drawing_pad(pen=FINE_PEN if options.how_many == "many" else PEN)
    reading = None
    with right:
        try:
            if picture is None:
                st.write(INVITATIONS[options.how_many])
                model_of(run)  # loaded, or found damaged, while the pen is picked up
            else:
                reading = read(run, picture, options.for_canvas())
                show_reading(reading, key="draw_probabilities")
                if not current_pad().holds_image:  # what lies there from a data set is nobody's handwriting
                    offer_correction(reading, options.for_canvas(), key="drawn")
        except MnistError as error:
            st.error(plain(str(error)))
    if reading is not None:
        show_way(reading)
    if toasts.has_news():
        st.rerun()  # the page tells it


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
