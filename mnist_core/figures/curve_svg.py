"""A run's learning curves for its card: a picture that needs no program, and the same in a sentence."""

from mnist_core.figures.chart_svg import chart_svg
from mnist_core.figures.learning_curves import learning_chart
from mnist_core.format import loss as loss_text
from mnist_core.runs.curves import Quantity
from mnist_core.runs.history import History

HEIGHT = 260


def curve_svg(history: History, quantity: Quantity) -> str:
    """Training and validation over the epochs planned, as one `svg` element; as on the pages."""
    return chart_svg(learning_chart(history, quantity, height=HEIGHT), description=description(history, quantity))


def description(history: History, quantity: Quantity) -> str:
    """The curves in a sentence."""
    if not history.epochs:
        return f"{quantity.capitalize()} over epochs; no epoch has finished yet."
    first, last = history.epochs[0], history.epochs[-1]
    shown = loss_text if quantity == "loss" else "{:.2%}".format
    parts = [
        f"{split} {shown(getattr(first, f'{split}_{quantity}'))} in epoch {first.epoch}, "
        f"{shown(getattr(last, f'{split}_{quantity}'))} in epoch {last.epoch}"
        for split in ("train", "validation")
    ]
    return f"{quantity.capitalize()} over epochs: {'; '.join(parts)}."
