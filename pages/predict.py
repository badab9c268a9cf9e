"""Draw, upload or photograph a digit; what the model saw; how sure it is."""

import streamlit as st

from mnist_core import runs
from mnist_core.errors import MnistError
from mnist_core.runs import Run
from pages.components.answer import show_answer, show_number, show_steps
from pages.components.canvas import drawing_pad
from pages.components.frame import page
from pages.components.reading import Options, Reading, read, read_upload, reading_options
from pages.components.run_picker import pick_run
from pages.components.uploads import show_uploads
from pages.components.words import plain


@st.fragment
def draw(run: Run, options: Options) -> None:
    """A stroke reruns this fragment only."""
    left, right = st.columns([2, 3], gap="large")
    with left:
        picture = drawing_pad()
    if picture is None:
        right.write("Draw one digit from 0 to 9, as large as you like. The answer comes with every stroke.")
        return
    try:
        reading = read(run, picture, options.for_canvas())
    except MnistError as error:  # here, because a fragment's errors do not reach the page around it
        right.error(plain(str(error)))
        return
    with right:
        show(reading, key="draw_probabilities")
    if len(reading.digits) == 1 and (seen := reading.digits[0].preprocessed):
        show_steps(seen)


def show(reading: Reading, *, key: str) -> None:
    if reading.is_number:
        show_number(reading.picture, reading.digits)
    else:
        show_answer(reading.digits[0], key=key)


st.title("Predict", anchor=False)
known = [run for run in runs.healthy_runs() if runs.has_weights(run)]
if not known:
    st.write("There is no trained model to read with yet.")
    st.page_link(page("train"), label="Train one", icon=":material/show_chart:")
    st.stop()

with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
    run = pick_run(known, runs.default_run(), label="Model", key="predict_run", use="read with")
    options = reading_options()
try:
    drawing, upload, camera = st.tabs(["Draw", "Upload", "Camera"], on_change="rerun", key="predict_tab")
    if drawing.open:
        with drawing:
            draw(run, options)
    if upload.open:
        with upload:
            show_uploads(run, options)
    if camera.open:
        with camera:
            photo = st.camera_input("Hold one digit, dark on light paper, close to the camera.", key="camera")
            if photo is not None:
                reading = read_upload(run, photo.getvalue(), options)
                show(reading, key="camera_probabilities")
                if not reading.is_number and (seen := reading.digits[0].preprocessed):
                    show_steps(seen)
except MnistError as error:
    st.error(plain(str(error)))
