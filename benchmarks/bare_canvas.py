"""The rival of `predict_latency`: the same canvas in the same kind of fragment, which shows a number and no more."""

import streamlit as st
from streamlit_drawable_canvas import st_canvas


@st.fragment
def pad() -> None:
    result = st_canvas(
        stroke_width=18,
        stroke_color="#ffffff",
        background_color="#000000",
        height=280,
        width=280,
        drawing_mode="freedraw",
        return_image_data=True,
        key="canvas",
    )
    ink = 0 if result.image_data is None else int((result.image_data[..., 0] > 127).sum())
    st.html(f'<p id="ink">{ink}</p>')


pad()
