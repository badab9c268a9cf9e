"""The picture that a visitor deleted last, so that it can be put back."""

import streamlit as st

from mnist_core.datasets.picture_store import Deleted

_DELETED = "deleted_picture"


def last_deleted() -> Deleted | None:
    deleted: Deleted | None = st.session_state.get(_DELETED)
    return deleted


def remember_deleted(deleted: Deleted | None) -> None:
    """Remember it instead of the one before, or (None) nothing."""
    st.session_state[_DELETED] = deleted
