"""Streamlit asked for a cache or a page without a browser."""

import logging

TALKER = "streamlit.runtime.scriptrunner_utils.script_run_context"


def without_a_browser() -> None:
    """Let Streamlit not say, at every use of its caches, that there is no browser to show anything to."""
    logging.getLogger(TALKER).disabled = True
