"""Does it read me? Twenty digits to draw in random order; then how many of them the model reads correctly."""

import random
from collections.abc import Sequence

import numpy as np
import streamlit as st

from mnist_core import paths
from mnist_core.datasets import picture_store
from mnist_core.datasets.handwriting import How
from mnist_core.datasets.registry import DATASETS
from mnist_core.errors import MnistError, NoInkError
from mnist_core.finetuning.examples import load_examples
from mnist_core.images.preprocess import preprocess
from mnist_core.runs.run import Run
from mnist_core.statistics.wilson import chance_of_as_few, wilson_interval
from mnist_core.types import DIGITS, Prediction
from pages.components.shared import format as fmt
from pages.components.shared import toasts
from pages.components.shared.cached import mark_of, model_of
from pages.components.shared.canvas import SIDE, drawing_pad
from pages.components.shared.digits import gallery
from pages.components.shared.frame import page
from pages.components.shared.labels import plain
from pages.components.shared.pad import current_pad
from pages.components.teach.kept_picture import read_in_short
from pages.components.teach.quiz import Quiz, begin_quiz, current_quiz

TIMES = 2  # each digit is asked for
NOISE = 0.05  # what chance alone brings about this often says nothing
PAD = "quiz_pad"
DRAWN = How(invert="no")  # on our own canvas the ink is known to be light


@st.fragment
def reads_me(run: Run) -> None:
    """The test from first digit to result. Its drawings stay in the session, for another model to read."""
    quiz = current_quiz()
    try:
        if quiz is None:
            _invitation(run)
        elif quiz.is_over:
            _result(run, quiz)
        else:
            _ask(quiz)
    except MnistError as error:
        st.error(plain(str(error)))
    if toasts.has_news():
        st.rerun()  # what is kept is counted outside of this fragment


def _invitation(run: Run) -> None:
    st.subheader("Does it read me?", anchor=False)
    st.write(
        "Draw twenty digits, each from 0 to 9 twice in random order, the way you usually write them. "
        "Then see how many of yours the model reads correctly, next to its accuracy on test images."
    )
    st.button("Begin", type="primary", icon=":material/edit:", on_click=_begin, key="quiz_begin")
    model_of(run)  # loaded, or found damaged, while the pen is picked up


def _ask(quiz: Quiz) -> None:
    number, count = len(quiz.pictures) + 1, len(quiz.prompts)
    with st.container(key="quiz_row", horizontal=True, gap="medium"):
        left, right = st.container(width=SIDE), st.container(key="quiz_prompt")
    with left:
        picture = drawing_pad(name=PAD)
    with right:
        st.progress((number - 1) / count, f"{number} of {count}")
        st.subheader(f"Write the digit {quiz.prompt}", anchor=False)
        st.caption("The answers come at the end, so that you write as usual and not to suit the model.")
        with st.container(horizontal=True, gap="small"):
            st.button("Next" if number < count else "Done", type="primary", disabled=picture is None, key="quiz_next",
                      on_click=_take, args=(quiz, number, picture))  # fmt: skip
            st.button("Stop", type="tertiary", on_click=_leave, key="quiz_stop")


def _result(run: Run, quiz: Quiz) -> None:
    model = model_of(run)
    from mnist_core.reading.predict import predict

    read = predict(model, quiz.seen)
    wrong = [place for place, one in enumerate(read) if not one.is_digit or one.digit != quiz.prompts[place]]
    right, n = len(read) - len(wrong), len(read)
    st.subheader(f"It reads {right} of your {n} digits correctly", anchor=False)
    _beside_the_test(run, right, n)
    _say_if_learned(run, quiz)
    _what_next(quiz, wrong, read)
    gallery(
        [one.image for one in quiz.seen],
        [f"Your {prompt}, read as\n{read_in_short(one)}" for prompt, one in zip(quiz.prompts, read, strict=True)],
        wrong=[place in wrong for place in range(n)],
    )


def _beside_the_test(run: Run, right: int, n: int) -> None:
    accuracy, interval = right / n, wilson_interval(right, n)
    mark = mark_of(run, "test")
    with st.grid(2, min_column_width=150, gap="small"):
        st.metric("Yours", fmt.accuracy_range(accuracy, interval),
                  help=f"With its 95 % interval: {fmt.percent(interval.low, 0)} to {fmt.percent(interval.high, 0)}. "
                  "Rejected digits count as wrong.")  # fmt: skip
        st.metric(f"{DATASETS.label(run.dataset)}, test", fmt.accuracy(mark.accuracy, mark.interval) if mark else "–",
                  help="The fraction of test images it reads correctly, with its 95 % interval.")  # fmt: skip
    if mark is None:
        st.page_link(page("evaluate"), label="Not evaluated on test images yet: evaluate it", icon=":material/grid_on:",
                     query_params={"run": run.run_id})  # fmt: skip
    elif chance_of_as_few(right, n, mark.accuracy) < NOISE:
        st.write(
            "It reads your digits **worse** than its test images, by more than chance explains. "
            "Teach it your handwriting."
        )
    else:
        st.write("As far as twenty digits can tell, it reads yours **as well** as its test images.")


def _say_if_learned(run: Run, quiz: Quiz) -> None:
    if not run.base:
        return
    learned = {image.tobytes() for image in load_examples(run.folder).images}
    count = sum(one.image.tobytes() in learned for one in quiz.seen)
    if count:
        st.warning(f"This model was trained on {count} of these drawings, so this is not a fair test. "
                   "Draw another twenty.")  # fmt: skip


def _what_next(quiz: Quiz, wrong: Sequence[int], read: Sequence[Prediction]) -> None:
    wrong = [place for place in wrong if place not in quiz.kept]
    others = [place for place in range(len(read)) if place not in quiz.kept]
    with st.container(horizontal=True, gap="small"):
        if wrong:
            label = f"Keep the {fmt.count(len(wrong))} it misread"
            st.button(label, type="primary", on_click=_keep, key="keep_wrong", args=(quiz, wrong),
                      help="Each with its true digit, for fine-tuning.")  # fmt: skip
        if len(others) > len(wrong):
            st.button(f"Keep all {fmt.count(len(others))}", on_click=_keep, key="keep_all", args=(quiz, others),
                      help="Each with its true digit; those it reads help to evaluate the fine-tuning.")  # fmt: skip
        st.button("Draw another twenty", icon=":material/replay:", on_click=_begin, key="quiz_again")
    if quiz.kept:
        st.caption(f"{fmt.count(len(quiz.kept), 'drawing')} kept under **Kept pictures**, below.")


def _begin() -> None:
    prompts = [*DIGITS] * TIMES
    random.SystemRandom().shuffle(prompts)
    begin_quiz(Quiz(prompts))
    current_pad(PAD).redraw([])


def _leave() -> None:
    begin_quiz(None)


def _take(quiz: Quiz, number: int, picture: np.ndarray) -> None:
    """Add a drawing to the others, unless a second click brought the same one again."""
    if len(quiz.pictures) + 1 != number:
        return
    try:
        quiz.seen.append(preprocess(picture, invert="no", with_steps=False))
    except NoInkError as error:
        toasts.announce(plain(str(error)))
        return
    quiz.pictures.append(picture)
    current_pad(PAD).redraw([])


def _keep(quiz: Quiz, chosen: Sequence[int]) -> None:
    try:
        for place in chosen:
            picture_store.keep(paths.handwriting_folder(), quiz.pictures[place], quiz.prompts[place], how=DRAWN)
            quiz.kept.add(place)
    except MnistError as error:
        toasts.announce(plain(str(error)))
    else:
        toasts.announce(f"{fmt.count(len(chosen), 'drawing')} kept.")
