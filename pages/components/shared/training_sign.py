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
    _show("training_sign", is_wide=False)


def training_bar() -> None:
    """The same as a part of the page, as wide as there is room, and at more length."""
    _show("training_bar", is_wide=True)


def _show(key: str, *, is_wide: bool) -> None:
    pressed = _view(
        key=key,
        data={"wide": is_wide},
        height="content",
        width="stretch" if is_wide else "content",
        on_pressed_change=lambda: None,
    ).get("pressed")
    if pressed:
        address.choose_run(str(pressed))
        st.switch_page(page("train"))
