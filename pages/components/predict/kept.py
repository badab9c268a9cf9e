"""Where a visitor's corrected pictures are kept, so that keeping them can be undone."""

from pathlib import Path

import streamlit as st

_KEPT = "kept"
MAX_REMEMBERED = 200  # pictures of which it is known where they were kept


def kept_where(picture: str) -> Path | None:
    """Where this visitor kept a picture, named by its digest; None if they did not, or it was deleted since."""
    path: Path | None = st.session_state.get(_KEPT, {}).get(picture)
    return path if path and path.exists() else None


def remember_kept(picture: str, path: Path | None) -> None:
    """Remember where a picture is kept, or (None) that it no longer is."""
    known: dict[str, Path | None] = st.session_state.setdefault(_KEPT, {})
    known[picture] = path
    while len(known) > MAX_REMEMBERED:
        del known[next(iter(known))]
