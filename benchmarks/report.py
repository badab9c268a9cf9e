"""The handwriting benchmark's result for people to read."""

from collections.abc import Iterator
from typing import Any

from benchmarks.labelled import KINDS

NOTES = """\
accuracy      a refused digit counts as wrong; of what is no digit (letter), the share refused; of numbers, the whole
              string right
95 % (n)      Wilson's interval, as if every picture were by another person
95 % (source) bootstrap that draws whole writers or origins (fixed seed), whose number is in brackets; - where there is
              one only, or all or none are right
sure          wrong answers given with confidence above 90 %, and of how many wrong answers; refusals are no answers
naive         the same model on the whole picture resized to 28 x 28, inverted if its border is light"""
NAMED = 10  # files that could not be read


def text_of(result: dict[str, Any]) -> str:
    return "\n".join(_lines(result))


def _lines(result: dict[str, Any]) -> Iterator[str]:
    yield f"{result['run_id']}, temperature {result['temperature']:.3f}\n"
    yield from _table(result["kinds"])
    yield f"\n{NOTES}\n"
    missing = [kind for kind in KINDS if kind not in {row["kind"] for row in result["kinds"]}]
    if missing:
        yield f"no pictures of kind {', '.join(missing)} here\n"
    yield from _confusions(result["kinds"])
    yield from _calibration(result["calibration_error"])
    yield from _left_out("could not be read and do not count", result["unread"])
    yield from _left_out("rows of labels.csv could not be used", result["odd_rows"])
    if result["timings"]:
        yield from _timings(result["timings"])
    yield f"sheets of errors: {result['sheets']}"


def _table(rows: list[dict[str, Any]]) -> Iterator[str]:
    yield (
        f"{'kind':<10} {'n':>5} {'accuracy':>9}  {'95 % (n)':<15} {'95 % (source)':<22} {'refused':>8}"
        f"  {'sure':<14} {'naive':>7} {'refused':>8}  {'sure':<12}"
    )
    for row in rows:
        read, naive = row["read"], row["naive"]
        sources = read["source_interval"]
        over = f"{_interval(sources) if sources else '-'} ({read['sources']})"
        line = (
            f"{row['kind']:<10} {read['n']:>5} {_percent(read['accuracy']):>9}  {_interval(read['interval']):<15}"
            f" {over:<22} {_percent(read['refused'] / read['n']):>8}  {_sure(read):<14}"
        )
        if naive:
            line += (
                f" {_percent(naive['accuracy']):>7} {_percent(naive['refused'] / naive['n']):>8}  {_sure(naive):<12}"
            )
        yield line.rstrip()
        if row["task"] == "number":
            share = _percent(read["same_length"] / read["n"])
            yield f"{'':<10} {'':>5} {share:>9}  with as many digits as are there"


def _confusions(rows: list[dict[str, Any]]) -> Iterator[str]:
    yield "worst confusions (true -> read; ? is refused)"
    for row in rows:
        pairs = ", ".join("{true} -> {read} {count}".format(**pair) for pair in row["read"]["confusions"])
        yield f"  {row['kind']:<10} {pairs or 'none'}"
    yield ""


def _calibration(errors: dict[str, dict[str, float]]) -> Iterator[str]:
    if not errors:
        return
    yield "expected calibration error, % (15 bins; all pictures of one digit with ink, refused ones by their guess)"
    yield f"  {'':<10} {'n':>5} {'at temperature 1':>17} {'as calibrated':>14}"
    for kind, error in errors.items():
        yield f"  {kind:<10} {error['n']:>5} {100 * error['before']:>17.2f} {100 * error['after']:>14.2f}"
    yield ""


def _left_out(what: str, sentences: list[str]) -> Iterator[str]:
    if sentences:
        yield f"{len(sentences)} {what}:"
        yield from (f"  {sentence}" for sentence in sentences[:NAMED])
        if len(sentences) > NAMED:
            yield f"  and {len(sentences) - NAMED} more (--json names all)"
        yield ""


def _timings(timings: dict[str, Any]) -> Iterator[str]:
    load = "unknown" if timings["load"] is None else f"{timings['load']:.1f}"
    yield f"from file to answer, ms (torch threads {timings['threads']}, cores {timings['cores']}, load {load})"
    names = {"photo_12_megapixels_ms": "photo, 4000 x 3000 JPEG", "canvas_ms": "canvas, with film-strip"}
    for key, name in names.items():
        yield f"  {name:<26} median {{median:.1f}} ({{least:.1f}} to {{most:.1f}}), n = {{n}}".format(**timings[key])
    yield ""


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _interval(interval: dict[str, float]) -> str:
    return f"{100 * interval['low']:.1f} to {100 * interval['high']:.1f}"


def _sure(read: dict[str, Any]) -> str:
    return f"{read['wrong_and_sure']} of {read['wrong']}" + (
        f" ({100 * read['wrong_and_sure_share']:.0f} %)" if read["wrong"] else ""
    )
