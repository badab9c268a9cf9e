"""The page of charts.py."""

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from mnist_core.figures.confusion import confusion_figure
from mnist_core.figures.drawing import drawing_of
from mnist_core.figures.learning_curves import learning_chart
from mnist_core.runs.history import History
from mnist_core.types import EpochEnd
from pages.components.shared.plotly_view import clicked, clicked_cell, plotly_view
from pages.components.shared.ticker import ticker

UPDATES = int(st.query_params.get("updates", 12))
STEPS_PER_UPDATE = 40


def history(steps: int) -> History:
    made = History(steps_per_epoch=100, planned_epochs=5)
    for step in range(1, steps + 1):
        made.step.append(step)
        made.step_loss.append(float(2.3 / (1 + step / 20) + 0.05 * np.cos(step)))
        made.step_accuracy.append(float(1 - 0.9 / (1 + step / 20)))
        made.step_seconds.append(step / 100)
        if step % 100 == 0:
            made.epochs.append(EpochEnd(step // 100, step, 0.5, 0.9, 1 / step, 1 - 9 / step))
            made.epoch_seconds.append(step / 100)
    return made


@st.fragment
def curve() -> None:
    update = st.session_state["update"] = min(st.session_state.get("update", 0) + 1, UPDATES)
    plotly_view(
        drawing_of(learning_chart(history(update * STEPS_PER_UPDATE), "loss")),
        key="curve",
        description=f"Loss, update {update}.",
    )
    st.text(f"update {update}")
    ticker(0.2 if update < UPDATES and st.session_state.get("growing") else None, key="ticker")


def grow() -> None:
    st.session_state["growing"] = True


def choose() -> None:
    st.session_state["cell"] = clicked_cell("matrix")


def choose_point() -> None:
    st.session_state["point"] = clicked("points")


st.button("Grow", on_click=grow)
curve()
matrix = np.diag(range(970, 980)) + np.arange(100).reshape(10, 10) % 7 * (1 - np.eye(10, dtype=int))
plotly_view(
    confusion_figure(matrix, normalised=False, mute_diagonal=True, selected=st.session_state.get("cell", None)),
    key="matrix",
    description="Confusion matrix.",
    on_click=choose,
)
st.text(f"cell {st.session_state.get('cell')}")
points = go.Figure(go.Scatter(x=[1, 2, 3], y=[10, 20, 30], customdata=[7, 8, 9], mode="markers"))
points.update_layout(template="none", height=200)
plotly_view(points, key="points", description="Three points.", on_click=choose_point)
st.text(f"point {st.session_state.get('point')}")
