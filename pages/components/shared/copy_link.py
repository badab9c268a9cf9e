"""A button that copies the address of this page, which says all that is chosen on it."""

from pathlib import Path

import streamlit as st

HERE = Path(__file__).resolve().parent
_view = st.components.v2.component(
    "copy_link",
    html='<button type="button" class="copy"></button><input class="address" readonly hidden aria-label="Link">',
    css=(HERE / "copy_link.css").read_text(encoding="utf-8"),
    js=(HERE / "copy_link.js").read_text(encoding="utf-8"),
)


def copy_link(label: str, *, key: str) -> None:
    """Offer this page's address as it stands at the click; where nothing may be copied, it is shown to be marked."""
    _view(key=key, data={"label": label}, height="content", width="content")
