"""Addresses that somebody made up: no page breaks on one, whatever it says."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from mnist_core.runs.run import Run
from pages.components.shared.runs_view import KEYS as RUNS_KEYS

Open = Callable[..., AppTest]
PAGES = ("home", "train", "predict", "evaluate", "epochs", "runs", "my_handwriting")
KEYS = ("run", "split", "cell", "epoch", *RUNS_KEYS)
MADE_UP = (
    "../../../../etc/passwd",
    "\0\r\n\udcff".encode("utf-8", "replace").decode(),
    "![x](http://192.0.2.1/x.png)<script>alert(1)</script>",
    "9" * 5000,
    "٣-٣",
    "-" * 40 + "([{\\",
    "20260101-000000-mlp-aaaa." * 300,
    "",
)


@pytest.mark.parametrize("page", PAGES)
def test_no_made_up_address_breaks_a_page(open_page: Open, evaluated_run: Run, no_mnist: None, page: str) -> None:
    for said in MADE_UP:
        open_page(page, **dict.fromkeys(KEYS, said))
        at = open_page(page, **dict.fromkeys(KEYS[1:], said), run=evaluated_run.run_id)
        texts = "\n".join(element.value for element in [*at.markdown, *at.info, *at.warning, *at.error, *at.caption])
        assert "![x](http" not in texts
        assert "<script>alert" not in texts
