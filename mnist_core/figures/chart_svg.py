"""A chart of curves as SVG that any browser draws by itself, as wide as its place: for cards, first words, live runs.

It is drawn on a grid that stretches with its place; letters, widths and margins are in pixels and do not.
"""

from collections.abc import Callable, Sequence
from html import escape

import numpy as np

from mnist_core.figures.chart import (
    NAME_BESIDE,
    NAME_SIZE,
    Chart,
    Dash,
    Ending,
    Entry,
    Line,
    drawable,
    endings,
    legend_entries,
    margins,
    x_range,
    x_step,
)
from mnist_core.figures.palette import FAINT_INK, INK, ON_DARK, PAPER, RULE
from mnist_core.figures.sheet import NOTE_SIZE, TICK_SIZE, TITLE_SIZE

GRID = 10_000
DIGIT, POINT = 6.0, 2.9  # pixels across, about, of the numbers on the axes
RISE = 0.35  # of the letters' size, from their middle to their foot
LONG_NAMES = 100  # pixels beside the curves; on a phone such names have no room there (`NARROW_STYLE`)
# Where the chart's place is a CSS container no wider than a phone: the curves take the room of long names, and a
# legend stands above them, a row each, when Plotly draws (`namesAbove` in plotly_view.js).
NARROW_STYLE = """@container (width < 480px) {
  .chart.long-names { --r: 16px !important; --t: calc(12px + 22px * var(--names)) !important; }
  .chart.long-names .ending { display: none; }
}"""
BOX = (
    "display:block;overflow:visible;margin:var(--t) var(--r) var(--b) var(--l);"
    "width:calc(100% - var(--l) - var(--r));height:calc(var(--h) - var(--t) - var(--b))"
)

Place = Callable[[np.ndarray], np.ndarray]  # from positions on an axis to the grid, (N,) int
DASHES: dict[Dash, str] = {"solid": "", "dash": ";stroke-dasharray:9", "dot": ";stroke-dasharray:3"}  # pixels


def chart_svg(chart: Chart, *, description: str = "") -> str:
    """One `svg` element on one line, in the colours of the `color-scheme` around it.

    Args:
        description: what those hear who cannot see it; without one it is hidden from them.
    """
    room, names = margins(chart), endings(chart)
    sizes = ";".join(f"--{side}:{pixels:g}px" for side, pixels in {**room, "h": chart.height}.items())
    kind = "chart long-names" if room["r"] > LONG_NAMES else "chart"
    said = f'role="img" aria-label="{_plain(description)}"' if description else 'aria-hidden="true"'
    step = f' data-step="{chart.step}"' if chart.step is not None else ""
    across, down = _place(x_range(chart)), _place(chart.scale.range[::-1])
    parts = [
        _rules(chart, down),
        *(_line(line, chart, across, down) for line in chart.lines),
        _mark(chart, across),
    ]
    words = [
        _y_numbers(chart, down), _x_numbers(chart, across), _titles(chart, room),
        *(_ending(name, across, down, bullet=chart.has_bullets) for name in names),
        *(_entry(entry) for entry in legend_entries(chart)),
        _note(chart),
    ]  # fmt: skip
    return (
        f'<svg class="{kind}" {said}{step} style="{sizes};--names:{len(names)};{BOX}">'
        f'<svg viewBox="0 0 {GRID} {GRID}" preserveAspectRatio="none" width="100%" height="100%" '
        f'style="overflow:visible;fill:none;stroke-width:1px;stroke-linejoin:round">{"".join(parts)}</svg>'
        f"{''.join(words)}</svg>"
    )


def _place(ends: tuple[float, float]) -> Place:
    scale = GRID / (ends[1] - ends[0])
    return lambda positions: np.rint((np.asarray(positions, dtype=float) - ends[0]) * scale).astype(int)


def _path(points: str, style: str, attributes: str = "") -> str:
    return f'<path {attributes}d="{points}" style="vector-effect:non-scaling-stroke;{style}"/>'


def _rules(chart: Chart, down: Place) -> str:
    places = down(chart.scale.place(chart.scale.ticks)).tolist()
    # Streamlit draws the rules of its pages fainter than ours on paper; both as a variable says, if there is one.
    look = f"stroke:var(--chart-rule,{lit(RULE)})"
    return _path("".join(f"M0 {at}H{GRID}" for at in places), look)


def _line(line: Line, chart: Chart, across: Place, down: Place) -> str:
    curve = drawable(chart, line.curve)
    x, y = across(curve.x), down(chart.scale.place(curve.y))
    points = [f"{at} {value}" for at, value in zip(x.tolist(), y.tolist(), strict=True)]
    if not points:
        return ""
    name = f'data-name="{_plain(line.name)}" ' if line.name else ""
    drawn = ""
    if line.width:
        look = f"stroke:{lit(line.colour)};stroke-width:{line.width:g}px;opacity:{line.opacity:g}"
        look += DASHES[line.dash]
        look += f";fill:{lit(line.colour)}" if line.is_filled else ""
        drawn += _path(f"M{'L'.join(points)}", look, f'class="curve" {name}')
    if line.dots:
        dots = line.dots
        drawn += _dots(points, dots.size + dots.ring, line.colour, line.opacity)
        if dots.ring:
            drawn += _dots(points, dots.size - dots.ring, dots.fill or line.colour, line.opacity)
    return drawn


def _dots(points: Sequence[str], size: float, colour: str, opacity: float) -> str:
    """Round ends of lines without length, for circles would be stretched."""
    look = f"stroke:{lit(colour)};stroke-width:{size:g}px;stroke-linecap:round;opacity:{opacity:g}"
    return _path("".join(f"M{point}h0" for point in points), look, 'class="dots" ')


def _mark(chart: Chart, across: Place) -> str:
    if chart.marked is None:
        return ""
    (at,) = across(np.array([chart.marked])).tolist()
    return _path(f"M{at} 0V{GRID}", f"stroke:{lit(INK)};stroke-dasharray:3")


def _y_numbers(chart: Chart, down: Place) -> str:
    places = down(chart.scale.place(chart.scale.ticks)).tolist()
    numbers = [
        f'<text x="0" y="{_percent(at)}" dx="-4" dy="{TICK_SIZE * RISE:.1f}">{_plain(label)}</text>'
        for at, label in zip(places, chart.scale.labels, strict=True)
    ]
    return _group("".join(numbers), FAINT_INK, TICK_SIZE, "text-anchor:end")


def _x_numbers(chart: Chart, across: Place) -> str:
    values = np.arange(0, x_range(chart)[1], x_step(chart))
    numbers = [
        f'<text x="{_percent(at)}" y="100%" dy="{TICK_SIZE + 4}">{_short(value)}</text>'
        for at, value in zip(across(values).tolist(), values.tolist(), strict=True)
    ]
    return _group("".join(numbers), FAINT_INK, TICK_SIZE, "text-anchor:middle")


def _short(value: float) -> str:
    """A number as Plotly writes it on an axis."""
    return f"{value:g}" if value < 10_000 else f"{value / 1000:g}k"


def _titles(chart: Chart, room: dict[str, float]) -> str:
    below = f'<text x="50%" y="100%" dy="{room["b"] - 11.4:g}">{_plain(chart.x_title)}</text>'
    widest = max(sum(POINT if sign == "." else DIGIT for sign in label) for label in chart.scale.labels)
    left, middle = -widest - 16, (chart.height - room["t"] - room["b"]) / 2
    beside = f'<text transform="translate({left:g} {middle:g}) rotate(-90)">{_plain(chart.scale.title)}</text>'
    return _group(below + beside, FAINT_INK, TITLE_SIZE, "text-anchor:middle")


def _ending(ending: Ending, across: Place, down: Place, *, bullet: bool) -> str:
    (x,), (y,) = across(np.array([ending.x])).tolist(), down(np.array([ending.y])).tolist()
    place = f'x="{_percent(x)}" y="{_percent(y)}" dx="{NAME_BESIDE + 2}" dy="{NAME_SIZE * RISE - ending.shift:.1f}"'
    mark = _bullet("●", ending.colour) if bullet else ""
    look = f"fill:{lit(INK if bullet else ending.colour)};font-size:{NAME_SIZE}px"
    return f'<text class="ending" {place} style="{look}">{mark}{_plain(ending.name)}</text>'


def _entry(entry: Entry) -> str:
    mark = _bullet(entry.mark, entry.colour)
    place = f'x="{entry.right:g}" y="{-entry.up - NAME_SIZE * RISE:.1f}"'
    look = f"fill:{lit(INK)};font-size:{NAME_SIZE}px"
    return f'<text {place} style="{look}">{mark}{_plain(entry.name)}</text>'


def _bullet(mark: str, colour: str) -> str:
    return f'<tspan style="fill:{lit(colour)}">{mark}</tspan> '


def _note(chart: Chart) -> str:
    if not chart.note:
        return ""
    ground = f"paint-order:stroke;stroke:var(--chart-ground,{lit(PAPER)});stroke-width:12px;stroke-linejoin:round"
    look = f"text-anchor:middle;fill:{lit(FAINT_INK)};font-size:{NOTE_SIZE}px;{ground}"
    return f'<text x="50%" y="50%" dy="{NOTE_SIZE * RISE:.1f}" style="{look}">{_plain(chart.note)}</text>'


def _group(inside: str, colour: str, size: int, style: str) -> str:
    return f'<g style="fill:{lit(colour)};font-size:{size}px;{style}">{inside}</g>'


def _percent(at: int) -> str:
    return f"{100 * at / GRID:g}%"


def lit(colour: str) -> str:
    """The colour as the reader's theme has it."""
    return f"light-dark({colour}, {ON_DARK[colour]})" if colour in ON_DARK else colour


def _plain(words: str) -> str:
    """Words as text on one line."""
    return escape(" ".join(words.split()))
