"""Whether two runs differ, in words."""

import math

from mnist_core.insight.compare import SeedVerdict, Verdict
from mnist_core.types import SplitName
from pages.components.shared import format as fmt
from pages.components.shared.labels import plain

EVALUATION_WORDS: dict[SplitName, str] = {"test": "test", "validation": "validation"}


def in_short(verdict: Verdict | SeedVerdict) -> str:
    """For a table: `same within noise (p = 0.31)`, `better (p = 0.002)`."""
    if isinstance(verdict, SeedVerdict) and not verdict.can_tell:
        return "too few seeds to tell"
    word = "same within noise" if verdict.is_noise else "better" if verdict.is_better else "worse"
    return f"{word} ({fmt.p_value(verdict.p_value)})"


def sentence(verdict: Verdict | SeedVerdict, name: str, reference: str) -> str:
    """One run against the reference; Markdown."""
    a, b = f"**{plain(name)}**", f"**{plain(reference)}**"
    why = _counts(verdict, plain(name), plain(reference)) if isinstance(verdict, Verdict) else _means(verdict)
    p = fmt.p_value(verdict.p_value)
    if isinstance(verdict, SeedVerdict) and not verdict.can_tell:
        return (
            f"{a} and {b}: too few seeds to tell ({why}). {len(verdict.after)} against {len(verdict.before)} cannot "
            "reach p < 0.05, however far apart they are: repeat both with at least 4 seeds each."
        )
    if verdict.is_noise:
        return f"{a} and {b}: **same within noise** ({p}: {why})."
    better, worse = (a, b) if verdict.is_better else (b, a)
    return f"{better} is **better** than {worse} ({p}: {why})."


def _counts(verdict: Verdict, name: str, reference: str) -> str:
    counted = verdict.comparison
    return (
        f"of {fmt.count(counted.n)} {EVALUATION_WORDS[verdict.split]} images, {fmt.count(counted.gained)} read "
        f"correctly only by {name}, {fmt.count(counted.lost)} only by {reference}"
    )


def _means(verdict: SeedVerdict) -> str:
    after, before = (math.fsum(side) / len(side) for side in (verdict.after, verdict.before))
    return (
        f"{EVALUATION_WORDS[verdict.split]} accuracy {fmt.percent(after, 2)} over {_seeds(len(verdict.after))}, "
        f"{fmt.percent(before, 2)} over {_seeds(len(verdict.before))}"
    )


def _seeds(n: int) -> str:
    return "one run" if n == 1 else f"{n} seeds"
