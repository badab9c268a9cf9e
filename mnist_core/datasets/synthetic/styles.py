"""How people write digits where MNIST's Americans do not, and the non-digits people draw: random strokes.

Coordinates: x right, y down; a digit is about 1 high. MNIST has hardly any 1 with a long up-stroke, barred 7, hooked 9
or slashed 0: they are written here stroke by stroke, for no bending of an American 1 gives it an up-stroke.
"""

from collections.abc import Callable

import numpy as np

from mnist_core.datasets.synthetic.pen import arc, curve, line

Strokes = list[np.ndarray]
Style = Callable[[np.random.Generator], Strokes]


def _chance(rng: np.random.Generator, share: float) -> bool:
    return bool(rng.random() < share)


def zero(rng: np.random.Generator) -> Strokes:
    """Open or closed at its top, sometimes slashed."""
    width, start = rng.uniform(0.35, 0.85), rng.normal(0, 0.06)
    strokes = [arc(0.4, 0.5, width, 1.0, start, rng.choice([-1, 1]) * rng.uniform(0.93, 1.12))]
    if _chance(rng, 0.3):
        beyond = rng.uniform(-0.15, 0.15)
        low, high = (0.4 - width / 2 - beyond, 0.85 + beyond), (0.4 + width / 2 + beyond, 0.15 - beyond)
        strokes.append(line(low, high))
    return strokes


def one(rng: np.random.Generator) -> Strokes:
    """With an up-stroke from a short flag to as long as the stem; sometimes a foot, sometimes the stem alone."""
    top, foot = rng.normal(0, 0.05), rng.normal(0, 0.08)
    strokes = []
    kind = rng.random()
    if kind < 0.85:
        reach = rng.uniform(0.12, 0.65)
        drop = reach * np.exp(rng.normal(0.15, 0.4))
        start = (top - reach, min(drop, 0.95))
        middle = (top - reach * rng.uniform(0.4, 0.6), start[1] * rng.uniform(0.4, 0.72))
        if _chance(rng, 0.25):  # written in one go, its top round
            return [curve(start, middle, (top, rng.uniform(0.0, 0.05)), (top + foot / 2, 0.5), (foot, 1.0))]
        strokes.append(curve(start, middle, (top, 0)))
    strokes.append(curve((top, rng.uniform(-0.04, 0.04)), ((top + foot) / 2 + rng.normal(0, 0.02), 0.5), (foot, 1)))
    if kind > 0.7:
        half = rng.uniform(0.12, 0.35)
        strokes.append(line((foot - half, 1 + rng.normal(0, 0.03)), (foot + half, 1 + rng.normal(0, 0.03))))
    return strokes


def two(rng: np.random.Generator) -> Strokes:
    """Round or sharp, its foot straight, wavy or looped."""
    neck = (rng.uniform(0.25, 0.45), rng.uniform(0.5, 0.65))
    head = [(0.0, rng.uniform(0.15, 0.35)), (0.2, 0.03), (0.45, 0.02), (0.62, rng.uniform(0.18, 0.3)), neck]
    end = (rng.uniform(0.55, 0.85), rng.uniform(0.88, 1.05))
    if _chance(rng, 0.4):
        return [curve(*head, (0.05, 0.93), (-0.05, 0.86), (0.05, 0.8), (0.3, 0.93), end)]
    return [np.concatenate([curve(*head, (0.0, 1.0)), curve((0.0, 1.0), (0.3, rng.uniform(0.92, 1.02)), end)])]


def three(rng: np.random.Generator) -> Strokes:
    """Round, or flat at its top."""
    waist = (rng.uniform(0.15, 0.35), rng.uniform(0.38, 0.5))
    belly = [(0.6, rng.uniform(0.62, 0.78)), (0.3, 1.0), (-0.02, rng.uniform(0.82, 0.95))]
    if _chance(rng, 0.45):
        top = line((0.0, rng.normal(0.03, 0.03)), (0.55, rng.normal(0, 0.03)), waist)
        return [np.concatenate([top, curve(waist, (0.45, waist[1] + 0.03), *belly)])]
    head = [(0.0, rng.uniform(0.05, 0.2)), (0.28, 0.0), (0.55, rng.uniform(0.15, 0.28))]
    return [np.concatenate([curve(*head, waist), curve(waist, (0.42, waist[1] + 0.04), *belly)])]


def four(rng: np.random.Generator) -> Strokes:
    """Open with corners, open and round, or closed; the stem crosses the bar or starts at it."""
    bar, stem = rng.uniform(0.4, 0.72), rng.uniform(0.38, 0.6)
    end = stem + rng.uniform(0.0, 0.35)
    kind = rng.random()
    if kind < 0.4:  # from its tip down to the left; the stem may begin as low as the bar
        left = line((rng.uniform(0.25, stem + 0.12), 0), (0, bar), (end, bar + rng.normal(0, 0.05)))
        return [left, line((stem, rng.uniform(-0.02, bar - 0.05)), (stem + rng.normal(0, 0.05), 1))]
    top = (rng.uniform(-0.02, 0.25), rng.uniform(0, 0.15))
    down = line((stem + rng.normal(0.03, 0.03), rng.uniform(-0.08, bar - 0.15)), (stem + rng.normal(-0.02, 0.05), 1))
    if kind < 0.7:
        return [line(top, (rng.uniform(-0.08, 0.08), bar), (end, bar + rng.normal(0, 0.05))), down]
    if kind < 0.85:
        return [curve(top, (0.02, bar - 0.12), (0.15, bar), (end, bar + rng.normal(-0.05, 0.05))), down]
    return [curve(top, (0.0, bar - 0.15), (0.2, bar), (stem, bar - rng.uniform(0.05, 0.15))), down]


def five(rng: np.random.Generator) -> Strokes:
    """In one stroke or with its bar apart."""
    corner, neck = (rng.uniform(0.0, 0.2), rng.normal(0, 0.03)), (rng.uniform(-0.02, 0.1), rng.uniform(0.38, 0.5))
    belly = [(0.32, neck[1] - 0.05), (0.58, rng.uniform(0.58, 0.72)), (0.35, 0.98), (-0.03, rng.uniform(0.85, 0.98))]
    bar_end = (rng.uniform(0.4, 0.75), rng.normal(-0.01, 0.04))
    body = np.concatenate([line(corner, neck), curve(neck, *belly)])
    if _chance(rng, 0.5):
        gap = rng.uniform(-0.05, 0.1)
        return [body, line((corner[0] + gap, corner[1] + rng.normal(0, 0.02)), bar_end)]
    if _chance(rng, 0.4):
        return [curve(bar_end, (0.25, 0.02), (0.08, 0.15), (0.12, neck[1]), *belly[1:])]
    return [np.concatenate([line(bar_end, corner), body])]


def six(rng: np.random.Generator) -> Strokes:
    """Its stem straight or bowed."""
    loop = rng.uniform(0.5, 0.68)
    start = (rng.uniform(0.2, 0.6), 0.0)
    body = [(rng.uniform(0.05, 0.2), 0.4), (0.0, 0.72), (0.25, 1.0), (0.52, 0.78), (0.28, loop), (0.02, 0.78)]
    return [curve(start, *body[: rng.choice([5, 6])], *([] if _chance(rng, 0.5) else [(0.1, 0.85)]))]


def seven(rng: np.random.Generator) -> Strokes:
    """Barred or not, its stem straight or bowed, with or without a hook at its left, its corner sharp or round."""
    corner, foot = (rng.uniform(0.5, 0.7), rng.normal(0.0, 0.03)), (rng.uniform(0.05, 0.45), 1.0)
    left = (0.0, rng.normal(0.04, 0.04))
    bow = rng.normal(0.0, 0.05)
    middle = ((corner[0] + foot[0]) / 2 - abs(bow), 0.5 + bow)
    if _chance(rng, 0.3):  # in one go, from a hook over a round corner: only its bar tells it from a 2
        hook = [(rng.uniform(0, 0.12), rng.uniform(0.15, 0.35)), (rng.uniform(0, 0.1), 0.06), (0.3, 0.0)]
        strokes = [curve(*hook, (corner[0], rng.uniform(0.05, 0.2)), middle, foot)]
    else:
        top = curve(left, (0.25, rng.normal(0.03, 0.03)), corner) if _chance(rng, 0.5) else line(left, corner)
        if _chance(rng, 0.35):
            top = np.concatenate([line((rng.normal(0, 0.03), rng.uniform(0.1, 0.25)), left), top])
        strokes = [np.concatenate([top, curve(corner, middle, foot)])]
    if _chance(rng, 0.7):
        height, half = rng.uniform(0.38, 0.75), rng.uniform(0.1, 0.4)
        at = corner[0] + (foot[0] - corner[0]) * height + rng.normal(0.0, 0.07)
        start, end = height + rng.normal(0.02, 0.04), height + rng.normal(-0.02, 0.04)
        strokes.append(line((at - half, start), (at + half, end)))
    return strokes


def eight(rng: np.random.Generator) -> Strokes:
    """In one stroke, its top closed or open, or two rings."""
    waist = rng.uniform(0.4, 0.52)
    if _chance(rng, 0.3):
        upper, lower = rng.uniform(0.35, 0.55), rng.uniform(0.45, 0.65)
        return [
            arc(0.3, waist / 2, upper, waist, rng.random(), 1.05),
            arc(0.3 + rng.normal(0, 0.03), (1 + waist) / 2, lower, 1 - waist, rng.random(), 1.05),
        ]
    start = (rng.uniform(0.35, 0.58), rng.uniform(0.05, 0.2))
    down = [(0.3, 0.0), (0.06, 0.2), (0.3, waist), (0.56, 0.76), (0.28, 1.0), (0.02, 0.78)]
    end = start if _chance(rng, 0.5) else (start[0] + rng.uniform(-0.05, 0.15), start[1] + rng.uniform(-0.1, 0.1))
    return [curve(start, *down, (0.28, waist + rng.normal(0.02, 0.02)), (0.5, rng.uniform(0.15, 0.28)), end)]


def nine(rng: np.random.Generator) -> Strokes:
    """Its stem straight, bowed or hooked far to the left."""
    neck, side = rng.uniform(0.42, 0.58), rng.uniform(0.48, 0.58)
    start = (side, rng.uniform(0.1, 0.25))
    head = [start, (0.3, rng.uniform(0.0, 0.06)), (0.02, 0.25), (0.25, neck), (side - 0.03, 0.28)]
    kind = rng.random()
    if kind < 0.35:
        stem = curve((side, 0.15), (side - 0.02, 0.6), (side + rng.normal(-0.08, 0.1), 1))
        return [np.concatenate([curve(*head), stem])]
    hook = [(side - 0.02, 0.7), (rng.uniform(0.2, 0.42), 1.0), (rng.uniform(-0.12, 0.1), rng.uniform(0.84, 0.98))]
    if kind < 0.8:
        return [np.concatenate([curve(*head), curve((side - 0.03, 0.28), *hook)])]
    return [curve(*head, (side - 0.1, 0.7), (rng.uniform(0.0, 0.3), 1.0))]


DIGIT_STYLES: tuple[Style, ...] = (zero, one, two, three, four, five, six, seven, eight, nine)


def scribble(rng: np.random.Generator) -> Strokes:
    """A pen moved to and fro without a plan."""
    count = int(rng.integers(5, 16))
    if _chance(rng, 0.5):
        points = rng.uniform(0, 1, (count, 2)) * [rng.uniform(0.4, 1.3), 1]
    else:  # to and fro while moving on
        along = np.linspace(0, rng.uniform(0.3, 1.2), count)
        points = np.stack([along, np.arange(count) % 2 * rng.uniform(0.4, 1) + rng.normal(0, 0.08, count)], 1)
        points = points[:, ::-1] if _chance(rng, 0.5) else points
    return [(curve if _chance(rng, 0.7) else line)(*map(tuple, points))]


def sign(rng: np.random.Generator) -> Strokes:
    """A cross, a star, a heart, an arrow, a smile, stripes, a house: what people draw to see what happens."""
    return _SIGNS[int(rng.integers(len(_SIGNS)))](rng)


def _cross(rng: np.random.Generator) -> Strokes:
    width = rng.uniform(0.6, 1.2)
    if _chance(rng, 0.5):
        return [line((0, 0.5), (width, 0.5 + rng.normal(0, 0.05))), line((width / 2, 0), (width / 2, 1))]
    return [line((0, 0), (width, 1)), line((width, 0), (0, 1))]


def _star(rng: np.random.Generator) -> Strokes:
    points = int(rng.integers(5, 8))
    angles = np.arange(points + 1) * 2 * np.pi * 2 / points + (0 if points % 2 else 0.1)
    if _chance(rng, 0.5):
        return [line(*zip(np.sin(angles), -np.cos(angles), strict=True))]
    return [line((0, 0), (float(np.sin(a)), float(np.cos(a)))) for a in angles[:-1]]


def _heart(rng: np.random.Generator) -> Strokes:
    dip = rng.uniform(0.15, 0.35)
    return [curve((0.5, dip), (0.25, 0), (0, 0.25), (0.5, 1)), curve((0.5, dip), (0.75, 0), (1, 0.25), (0.5, 1))]


def _arrow(rng: np.random.Generator) -> Strokes:
    head = rng.uniform(0.15, 0.35)
    strokes = [line((0, 0.5), (1, 0.5)), line((1 - head, 0.5 - head), (1, 0.5), (1 - head, 0.5 + head))]
    return [stroke @ np.array([[0, -1], [1, 0]]) for stroke in strokes] if _chance(rng, 0.5) else strokes


def _smile(rng: np.random.Generator) -> Strokes:
    eyes = [arc(x, 0.35, 0.06, 0.1, 0, 1) for x in (0.35, 0.65)]
    return [arc(0.5, 0.5, 1, 1, 0, 1), *eyes, arc(0.5, 0.55, 0.5, rng.uniform(0.2, 0.5), 0.3, 0.4)]


def _stripes(rng: np.random.Generator) -> Strokes:
    count = int(rng.integers(3, 6))
    strokes = [line((x, rng.normal(0, 0.05)), (x + rng.normal(0, 0.04), 1)) for x in np.linspace(0, 1, count)]
    if _chance(rng, 0.4):
        strokes.append(line((-0.1, rng.uniform(0.2, 0.8)), (1.1, rng.uniform(0.2, 0.8))))
    return [stroke[:, ::-1] for stroke in strokes] if _chance(rng, 0.4) else strokes


def _house(rng: np.random.Generator) -> Strokes:
    roof = rng.uniform(0.3, 0.5)
    return [line((0, roof), (0, 1), (1, 1), (1, roof), (0.5, 0), (0, roof), (1, roof))]


def _triangle(rng: np.random.Generator) -> Strokes:
    return [line((0, 1), (rng.uniform(0.2, 0.8), 0), (1, 1), (0, 1))]


def _dots(rng: np.random.Generator) -> Strokes:
    points = rng.uniform(0, 1, (int(rng.integers(2, 9)), 2))
    return [line((x, y), (x + 0.02, y + 0.02)) for x, y in points]


def _dash(rng: np.random.Generator) -> Strokes:
    strokes = [curve((0, 0), (0.5, rng.normal(0, 0.1)), (1, rng.normal(0, 0.1)))]
    return [*strokes, strokes[0] + [0, rng.uniform(0.25, 0.5)]] if _chance(rng, 0.5) else strokes


def _spiral(rng: np.random.Generator) -> Strokes:
    turns = rng.uniform(2.2, 4)
    angle = np.linspace(0, turns * 2 * np.pi, 120)
    return [np.stack([angle * np.cos(angle), angle * np.sin(angle)], axis=1)]


def _two_digits(rng: np.random.Generator) -> Strokes:
    """Side by side: each is a digit, together they are none."""
    left, right = (DIGIT_STYLES[int(rng.integers(10))](rng) for _ in range(2))
    beyond = max(stroke[:, 0].max() for stroke in left) - min(stroke[:, 0].min() for stroke in right)
    aside = np.array([beyond + rng.uniform(0.05, 0.3), rng.normal(0, 0.05)])
    return [*left, *(stroke + aside for stroke in right)]


_SIGNS: tuple[Style, ...] = (
    *(_cross, _star, _heart, _arrow, _smile, _stripes, _house, _triangle, _dots, _dash, _spiral),
    *(_two_digits,) * 4,
)
