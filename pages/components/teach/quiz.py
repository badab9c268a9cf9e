"""Twenty digits that a visitor is asked to draw, remembered while they do."""

from dataclasses import dataclass, field

import numpy as np
import streamlit as st

from mnist_core.types import Preprocessed

_QUIZ = "quiz"


@dataclass
class Quiz:
    """Twenty digits that a visitor is asked to draw, and those drawn by now."""

    prompts: list[int]
    pictures: list[np.ndarray] = field(default_factory=list)  # each (280, 280) uint8, as drawn
    seen: list[Preprocessed] = field(default_factory=list)  # the same as a model sees them
    kept: set[int] = field(default_factory=set)  # places of those that were kept to learn from

    @property
    def is_over(self) -> bool:
        return len(self.pictures) == len(self.prompts)

    @property
    def prompt(self) -> int:
        return self.prompts[len(self.pictures)]


def current_quiz() -> Quiz | None:
    """This visitor's, if they have begun one; it may be changed in place."""
    begun: Quiz | None = st.session_state.get(_QUIZ)
    return begun


def begin_quiz(quiz: Quiz | None) -> None:
    """Begin another one, or (None) leave it."""
    st.session_state[_QUIZ] = quiz
