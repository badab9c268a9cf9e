"""A run's curves as small pictures that need no program: the same axes and thinning as on the pages."""

from xml.etree.ElementTree import Element

import numpy as np

from mnist_core.figures.axis_ranges import Quantity, Scale, scale_of
from mnist_core.figures.markup import tag
from mnist_core.format import loss as loss_text
from mnist_core.runs import curves
from mnist_core.runs.curves import Curve
from mnist_core.runs.history import History

WIDTH, HEIGHT = 340, 214
LEFT, RIGHT, TOP, BOTTOM = 42, 66, 8, 38  # pixels around the drawing
MAX_RAW = 256  # points of the faint curve behind
MAX_TICKS = 6  # of the epochs
APART = 13.0  # pixels between the names of the two curves
LETTER_RISE = 3.5  # from the middle of a small letter to its foot


def curve_svg(history: History, quantity: Quantity) -> Element:
    """Training and validation over the epochs planned."""
    raw, training, validation = (
        _training(history, quantity, MAX_RAW),
        _training(history, quantity, curves.SMOOTH_POINTS),
        _validation(history, quantity),
    )
    scale = scale_of(quantity, np.concatenate([raw.y, validation.y]))
    end = float(max(history.planned_epochs, len(history.epochs), 1))
    svg = tag(
        "svg", tag("title", description(history, quantity)),
        class_="curves", viewBox=f"0 0 {WIDTH} {HEIGHT}", role="img", aria_label=description(history, quantity),
    )  # fmt: skip
    svg.extend(_axes(scale, end))
    if quantity == "loss":  # a batch's accuracy takes few values: drawn raw it would be stripes
        svg.append(_line(raw, scale, end, "faint"))
    svg.extend([_line(training, scale, end, "training"), _line(validation, scale, end, "validation")])
    svg.extend(_dots(validation, scale, end))
    svg.extend(_names({"training": training, "validation": validation}, scale, end))
    if not len(training.y) and not len(validation.y):
        svg.append(_text((LEFT + WIDTH - RIGHT) / 2, HEIGHT / 2 - 16, "Nothing measured yet", anchor="middle"))
    return svg


def description(history: History, quantity: Quantity) -> str:
    """The curves in a sentence."""
    if not history.epochs:
        return f"{quantity.capitalize()} over epochs; no epoch is done yet."
    first, last = history.epochs[0], history.epochs[-1]
    shown = loss_text if quantity == "loss" else "{:.2%}".format
    parts = [
        f"{split} {shown(getattr(first, f'{split}_{quantity}'))} in epoch {first.epoch}, "
        f"{shown(getattr(last, f'{split}_{quantity}'))} in epoch {last.epoch}"
        for split in ("train", "validation")
    ]
    return f"{quantity.capitalize()} over epochs: {'; '.join(parts)}."


def _training(history: History, quantity: Quantity, most: int) -> Curve:
    values = history.step_loss if quantity == "loss" else history.step_accuracy
    return curves.training_curve(history, values.values, curves.step_positions(history, "epoch"), most=most)


def _validation(history: History, quantity: Quantity) -> Curve:
    values = [getattr(epoch, f"validation_{quantity}") for epoch in history.epochs]
    return Curve(curves.epoch_positions(history, "epoch")[: len(values)], np.asarray(values, dtype=float))


def _axes(scale: Scale, end: float) -> list[Element]:
    drawn = []
    for y, label in zip(_down(scale, scale.ticks), scale.labels, strict=True):
        drawn += [
            tag("line", x1=f"{LEFT}", x2=f"{WIDTH - RIGHT}", y1=f"{y:.1f}", y2=f"{y:.1f}", class_="rule"),
            _text(LEFT - 6, y + LETTER_RISE, label, anchor="end"),
        ]
    step = max(1, -(-int(end) // MAX_TICKS))
    for epoch in range(0, int(end) + 1, step):
        drawn.append(_text(_across([epoch], end)[0], HEIGHT - BOTTOM + 14, str(epoch), anchor="middle"))
    middle = (TOP + HEIGHT - BOTTOM) / 2
    title = _text(0, 0, scale.title, anchor="middle")
    title.set("transform", f"translate(9 {middle:.1f}) rotate(-90)")
    return [*drawn, title, _text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 6, "epoch", anchor="middle")]


def _line(curve: Curve, scale: Scale, end: float, kind: str) -> Element:
    points = zip(_across(curve.x, end), _down(scale, curve.y), strict=True)
    return tag("polyline", points=" ".join(f"{x:.1f},{y:.1f}" for x, y in points), class_=kind)


def _dots(curve: Curve, scale: Scale, end: float) -> list[Element]:
    """One an epoch, as long as they can be told apart."""
    if len(curve.x) > (WIDTH - LEFT - RIGHT) / 7:
        return []
    points = zip(_across(curve.x, end), _down(scale, curve.y), strict=True)
    return [tag("circle", cx=f"{x:.1f}", cy=f"{y:.1f}", r="2.5", class_="validation") for x, y in points]


def _names(named: dict[str, Curve], scale: Scale, end: float) -> list[Element]:
    """Each curve's name where it ends, pushed apart where two would touch."""
    ended = {name: curve for name, curve in named.items() if len(curve.y)}
    heights = {name: float(_down(scale, curve.y[-1:])[0]) for name, curve in ended.items()}
    written, taken = [], -np.inf
    for name in sorted(heights, key=lambda name: heights[name]):
        taken = max(heights[name], taken + APART)
        written.append(
            _text(_across(ended[name].x[-1:], end)[0] + 6, taken + LETTER_RISE, name, anchor="start", kind=name)
        )
    return written


def _across(x: "np.ndarray | list[int]", end: float) -> np.ndarray:
    return np.asarray(LEFT + np.asarray(x, dtype=float) / end * (WIDTH - LEFT - RIGHT))


def _down(scale: Scale, y: "np.ndarray | tuple[float, ...]") -> np.ndarray:
    low, high = scale.range
    return np.asarray(TOP + (high - scale.place(y)) / (high - low) * (HEIGHT - TOP - BOTTOM))


def _text(x: float, y: float, words: str, *, anchor: str, kind: str = "") -> Element:
    element = tag("text", words, x=f"{x:.1f}", y=f"{y:.1f}", text_anchor=anchor)
    if kind:
        element.set("class", kind)
    return element
