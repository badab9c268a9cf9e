"""What the app takes as a picture, and what it says of what is none."""

import pytest

from mnist_core.images.decode import ENDINGS, NOT_PICTURES


@pytest.mark.parametrize("ending", ["jfif", "jpe", "pbm"])
def test_the_app_takes_what_the_command_line_takes(open_page, trained_run, ending) -> None:
    at = open_page("predict")
    at.session_state["predict_tab"] = "Upload"
    at.run()
    assert not at.exception
    accepted = {kind.removeprefix(".") for kind in at.file_uploader(key="uploads").proto.type}
    assert ending in accepted
    assert accepted >= {*ENDINGS, *NOT_PICTURES}  # those that are none are let in to be told the way out
