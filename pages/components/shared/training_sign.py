"""The sign of the training under way, on every page: how far it is, and at last how it ended.

It asks the server by itself (`/api/at-work`): no page's script runs for it.
"""

from pathlib import Path

import streamlit as st

from pages.components.shared import address
from pages.components.shared.frame import page

HERE = Path(__file__).resolve().parent
_view = st.components.v2.component(
    "training_sign",
    html='<div class="sign-place"><button type="button" class="sign" hidden><span class="what"></span>'
    '<span class="how"></span></button></div>',
    css=(HERE / "training_sign.css").read_text(encoding="utf-8"),
    js=(HERE / "training_sign.js").read_text(encoding="utf-8"),
)
STYLE = "<style>.st-key-training_sign { position: absolute; }</style>"


def training_sign() -> None:
    """Show the sign; a press leads to the run it tells of."""
    st.html(STYLE)
    pressed = _view(key="training_sign", height="content", width="content", on_pressed_change=lambda: None).get(
        "pressed"
    )
    if pressed:
        address.choose_run(str(pressed))
        st.switch_page(page("train"))
