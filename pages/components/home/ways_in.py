"""The three ways into the app: a sketch, a word, a sentence, a link."""

import base64
from collections.abc import Mapping
from pathlib import Path

import streamlit as st

from mnist_core.figures.palette import ACCENT, ERROR_WASH, INK, RULE, TILE, VALIDATION, WASH
from pages.components.shared.frame import both


def _line(points: str, colour: str, width: float = 2.5) -> str:
    style = f"fill: none; stroke: {both(colour)}; stroke-width: {width}; stroke-linecap: round; stroke-linejoin: round"
    return f'<path d="{points}" style="{style}"/>'


def _box(x: float, y: float, side: float, colour: str) -> str:
    return f'<rect x="{x}" y="{y}" width="{side}" height="{side}" rx="1" style="fill: {both(colour)}"/>'


def _sketch(inside: str) -> str:
    """A drawing as an image: inline, Streamlit would take it out; as an image it still follows the theme."""
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 64" style="color-scheme: light dark">{inside}</svg>'
    )
    source = base64.b64encode(svg.encode()).decode("ascii")
    return f'<img src="data:image/svg+xml;base64,{source}" width="120" height="64" alt="" style="display: block">'


def _falling_curves() -> str:
    dots = "".join(
        f'<circle cx="{x}" cy="{y}" r="3" style="fill: {both(VALIDATION)}"/>' for x, y in ((32, 31), (60, 41), (88, 45))
    )
    return _sketch(
        _line("M2 62 H118", RULE, 1.5)
        + _line("M4 4 C10 36 26 46 48 50 S96 56 116 57", ACCENT)
        + _line("M32 31 L60 41 L88 45", VALIDATION, 2)
        + dots
    )


def _matrix() -> str:
    colour = {(row, row): WASH[1] for row in range(5)} | {(1, 3): ERROR_WASH[1]}
    return _sketch(
        "".join(_box(1 + 13 * x, 13 * y, 11.5, colour.get((y, x), TILE)) for y in range(5) for x in range(5))
        + f'<rect x="40" y="13" width="11.5" height="11.5" style="fill: none; stroke: {both(INK)}; stroke-width: 1.5"/>'
    )


def _stroke() -> str:
    ground = '<rect x="0" y="0" width="64" height="64" rx="4" style="fill: #000"/>'
    three = "M20 16 C28 10 44 11 43 21 C42 29 33 30 29 31 C37 31 46 35 44 44 C42 54 26 55 19 48"
    light = "fill: none; stroke: #fff; stroke-width: 6; stroke-linecap: round; stroke-linejoin: round"
    return _sketch(ground + f'<path d="{three}" style="{light}"/>')


SKETCHES: Mapping[str, str] = {"train": _falling_curves(), "evaluate": _matrix(), "predict": _stroke()}


def door(sketch: str, title: str, sentence: str, *, page: Path) -> None:
    """One way in; as high as its neighbours. `frame.STYLE` makes its link look like something to press."""
    with st.container(border=True, height="stretch", key=f"door-{sketch}"):
        st.html(SKETCHES[sketch])
        st.markdown(sentence)
        st.space("stretch")
        st.page_link(page, label=title, icon=":material/arrow_forward:", icon_position="right")
