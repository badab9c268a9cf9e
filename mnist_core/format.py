"""How numbers are shown: with their unit, and never with more digits than are known."""

from datetime import datetime, timedelta

from mnist_core.types import Interval, Spread

MINUTE, HOUR, DAY = 60, 3600, 86_400


def accuracy(value: float, interval: Interval) -> str:
    """`98.31 % ± 0.26`: as many decimals as the half width of the 95 % interval has meaning for."""
    half = 100 * interval.half_width
    decimals = 0 if half >= 10 else 1 if half >= 1 else 2
    return f"{100 * value:.{decimals}f} % ± {half:.{decimals}f}"


def accuracy_range(value: float, interval: Interval) -> str:
    """`95 % (76 to 99)` where few images leave the interval wide and lopsided, else as `accuracy` has it."""
    if 100 * interval.half_width < 1:
        return accuracy(value, interval)
    return f"{100 * value:.0f} % ({100 * interval.low:.0f} to {100 * interval.high:.0f})"


def accuracy_spread(several: Spread) -> str:
    """`98.31 % ± 0.12, 98.20 to 98.45`: mean, standard deviation and range of several runs' accuracies."""
    return (
        f"{100 * several.mean:.2f} % ± {100 * several.deviation:.2f}, "
        f"{100 * several.low:.2f} to {100 * several.high:.2f}"
    )


def p_value(value: float) -> str:
    """`p = 0.31`, `p = 0.0021`, `p < 0.0001`: two digits are enough."""
    if value < 0.0001:
        return "p < 0.0001"
    return f"p = {value:.2f}" if value >= 0.095 else f"p = {float(f'{value:.2g}'):.2g}"


def percent(value: float, decimals: int = 1) -> str:
    """`98.3 %` from a fraction of 0 to 1."""
    return f"{100 * value:.{decimals}f} %"


def confidence(probability: float) -> str:
    """`93 %`; one decimal near certainty, and never quite 0 or 100, for a network is never certain."""
    if probability >= 0.9995:
        return "> 99.9 %"
    if 0 < probability < 0.005:
        return "< 1 %"
    return percent(probability, 1 if probability >= 0.99 else 0)


def loss(value: float) -> str:
    """`0.061`: three decimals, or two digits where that would be nothing."""
    return f"{value:.3f}" if value >= 0.01 or value == 0 else f"{value:.2g}"


def duration(seconds: float) -> str:
    """`0.8 s`, `12 s`, `3 min 05 s`, `2 h 07 min`, `3 d 4 h`."""
    if seconds < 9.95:
        return f"{max(seconds, 0.0):.1f} s"
    whole = round(seconds)
    if whole < MINUTE:
        return f"{whole} s"
    if whole < HOUR:
        return f"{whole // MINUTE} min {whole % MINUTE:02d} s"
    if whole < DAY:
        return f"{whole // HOUR} h {whole % HOUR // MINUTE:02d} min"
    return f"{whole // DAY} d {whole % DAY // HOUR} h"


def rough_duration(seconds: float) -> str:
    """`20 s`, `3 min`, `2 h 10 min`: of what is only estimated."""
    if seconds < 1.5 * MINUTE:
        return f"{max(10, 10 * round(seconds / 10))} s"
    if seconds < HOUR - MINUTE / 2:
        return f"{round(seconds / MINUTE)} min"
    return duration(10 * MINUTE * round(seconds / (10 * MINUTE)))


def speed(images_per_second: float) -> str:
    """`52,000 images/s`: two digits mean something, the rest is the machine's other work."""
    rounded = float(f"{images_per_second:.2g}")
    return f"{rounded:,.0f} images/s" if rounded >= 10 else f"{rounded:g} images/s"


def size(n_bytes: int) -> str:
    """`4.7 MB`, in steps of a thousand."""
    if n_bytes < 1000:
        return f"{n_bytes} B"
    value, units = n_bytes / 1000, ["kB", "MB", "GB", "TB"]
    while value >= 999.5 and len(units) > 1:
        value /= 1000
        units.pop(0)
    return f"{value:.1f} {units[0]}" if value < 9.95 else f"{value:.0f} {units[0]}"


def count(number: int, noun: str = "", plural: str = "") -> str:
    """`55,000`, or `1 image` and `55,000 images`."""
    if not noun:
        return f"{number:,}"
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def moment(then: datetime, now: datetime) -> str:
    """`just now`, `5 min ago`, `today 14:25`, `yesterday 09:10`, `22 Nov 2026`; both in the reader's time zone."""
    ago = (now - then).total_seconds()
    if -MINUTE < ago < MINUTE:  # what lies further ahead was written under a clock that was set back since
        return "just now"
    if 0 < ago < HOUR:
        return f"{int(ago // MINUTE)} min ago"
    if then.date() == now.date():
        return f"today {then:%H:%M}"
    if then.date() == now.date() - timedelta(days=1):
        return f"yesterday {then:%H:%M}"
    return f"{then.day} {then:%b %Y}"
