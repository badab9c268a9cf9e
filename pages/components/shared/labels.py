"""What a person reads on a page: a status in a word, and somebody's own words as they were typed."""

import re
from typing import Literal

from mnist_core.runs.status import Status

# A status in a word, with the badge's colour and icon.
BADGES: dict[Status, tuple[str, Literal["gray", "blue", "orange", "green", "red"], str]] = {
    "starting": ("Starting", "gray", ":material/hourglass_empty:"),
    "queued": ("Queued", "gray", ":material/hourglass_empty:"),
    "running": ("Training", "blue", ":material/play_arrow:"),
    "stopped": ("Stopped", "orange", ":material/pause:"),
    "interrupted": ("Interrupted", "orange", ":material/power_off:"),
    "finished": ("Finished", "green", ":material/check:"),
    "failed": ("Failed", "red", ":material/error:"),
}


def plain(text: str) -> str:
    """Somebody's own words, to stand in Markdown as they were typed.

    Source: CommonMark 0.31, 2.4: a backslash before any ASCII punctuation makes it just that.
    """
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", text)
