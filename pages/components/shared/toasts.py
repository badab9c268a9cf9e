"""What a page is to say once it is drawn anew."""

import streamlit as st

_NEWS = "news"


def announce(news: str) -> None:
    """Have the page say something once it is drawn anew: a callback within a fragment may not."""
    st.session_state[_NEWS] = news


def has_news() -> bool:
    """Whether there is something to say: then a fragment has the whole page drawn anew."""
    return _NEWS in st.session_state


def take_news() -> str | None:
    """What there is to say, once."""
    news: str | None = st.session_state.pop(_NEWS, None)
    return news
