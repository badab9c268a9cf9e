"""Messages that a page shows once it is redrawn."""

import streamlit as st

_NEWS = "news"


def announce(news: str) -> None:
    """Show a message once the page is redrawn: a callback within a fragment may not show one itself."""
    st.session_state[_NEWS] = news


def has_news() -> bool:
    """Whether a message is waiting: then a fragment reruns the whole page."""
    return _NEWS in st.session_state


def take_news() -> str | None:
    """The waiting message, if any; it is returned only once."""
    news: str | None = st.session_state.pop(_NEWS, None)
    return news
