"""A download of a run's card, made only on request."""

from functools import partial

import streamlit as st

from mnist_core.errors import MnistError
from mnist_core.export.run_card import card_html, no_card_html
from mnist_core.runs.run import Run


def card_button(run: Run) -> None:
    """A download of the run on one page."""
    st.download_button(
        "Run card",
        partial(_card, run),
        f"{run.run_id}.html",
        "text/html",
        icon=":material/article:",
        on_click="ignore",
        key="take_card",
        help="The run on one page, to read, print or share: results, curves, errors, settings, commands.",
    )


def _card(run: Run) -> str:
    """Made while the browser waits for the download, when the page can no longer show an error."""
    try:
        return card_html(run)
    except MnistError as error:
        return no_card_html(run, str(error))
