"""What a person reads on a page: the names of `mnist_core.words`, and somebody's own words as they were typed."""

import re

from mnist_core.words import (
    AUGMENTS,
    DATASETS,
    MODELS,
    OPTIMIZERS,
    PRECISIONS,
    SCHEDULES,
    SIZES,
    run_title,
)

__all__ = [
    "AUGMENTS",
    "DATASETS",
    "MODELS",
    "OPTIMIZERS",
    "PRECISIONS",
    "SCHEDULES",
    "SIZES",
    "plain",
    "run_title",
]


def plain(text: str) -> str:
    """Somebody's own words, to stand in Markdown as they were typed.

    Source: CommonMark 0.31, 2.4: a backslash before any ASCII punctuation makes it just that.
    """
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", text)
