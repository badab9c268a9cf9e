"""The errors of one kind on one sheet: the person's picture, what the network saw of it, and what was said."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from benchmarks.measures import REFUSED, Answer

SIDE = 112  # pixels of a thumbnail, and four to one of what the network saw
NUMBER_WIDTH, NUMBER_HEIGHT, STRIP_ROWS = 3 * SIDE, 168, 2  # of a number's thumbnail; below it what was seen of it
GAP, APART, TEXT_HEIGHT, SHEET_WIDTH = 10, 4, 34, 1720
MOST = 400  # errors on a sheet
GROUND, INK, RED = (250, 248, 243), (35, 32, 28), (178, 34, 34)


def shrunk(picture: np.ndarray, width: int, height: int) -> tuple[np.ndarray, float]:
    """A thumbnail of (H, W) or (H, W, 3) uint8, and its scale."""
    scale = min(width / picture.shape[1], height / picture.shape[0])
    size = (max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale)))
    how = Image.Resampling.BOX if scale < 1 else Image.Resampling.NEAREST
    return np.asarray(Image.fromarray(picture).resize(size, how)), scale


def write_sheet(path: Path, answers: Sequence[Answer]) -> int:
    """Write the wrong ones among the answers, those that mislead most first.

    Returns: how many there are; only the first `MOST` are on the sheet, and no sheet is written for none.
    """
    wrong = sorted((a for a in answers if not a.is_right), key=lambda a: (not a.is_wrong_and_sure, -_weight(a)))
    if not wrong:
        return 0
    is_number = any(answer.of.task == "number" for answer in wrong)
    width = (NUMBER_WIDTH if is_number else 2 * SIDE + APART) + GAP
    height = (NUMBER_HEIGHT + 28 * STRIP_ROWS if is_number else SIDE) + TEXT_HEIGHT + GAP
    columns = SHEET_WIDTH // width
    shown = wrong[:MOST]
    sheet = Image.new("RGB", (columns * width + GAP, -(-len(shown) // columns) * height + GAP), GROUND)
    for place, answer in enumerate(shown):
        left, top = GAP + place % columns * width, GAP + place // columns * height
        (_put_number if is_number else _put_digit)(sheet, answer, left, top)
        _write(sheet, answer, left, top + height - TEXT_HEIGHT - GAP)
    sheet.save(path)
    return len(wrong)


def caption(answer: Answer) -> str:
    """`7 -> 2, 93 %`, and of a refused picture what it would have been taken for."""
    true, read = answer.of.label or "no digit", answer.text or REFUSED
    if answer.is_rejected:
        return f"{true} -> {read}" + (f" (nearest {answer.guess})" if answer.guess else " (no ink)")
    return f"{true} -> {read}, {100 * answer.confidence:.0f} %"


def _weight(answer: Answer) -> float:
    return -1.0 if answer.is_rejected else answer.confidence


def _put_digit(sheet: Image.Image, answer: Answer, left: int, top: int) -> None:
    if answer.thumbnail is not None:
        sheet.paste(Image.fromarray(answer.thumbnail).convert("RGB"), (left, top))
    if answer.seen:
        sheet.paste(_enlarged(answer.seen[0], SIDE), (left + SIDE + APART, top))


def _put_number(sheet: Image.Image, answer: Answer, left: int, top: int) -> None:
    if answer.thumbnail is not None:
        picture = Image.fromarray(answer.thumbnail).convert("RGB")
        draw = ImageDraw.Draw(picture)
        for box in answer.boxes:
            edges = (box.left, box.top, box.left + box.width, box.top + box.height)
            draw.rectangle([edge * answer.scale for edge in edges], outline=RED)
        sheet.paste(picture, (left, top))
    for place, image in enumerate(answer.seen[: STRIP_ROWS * (NUMBER_WIDTH // 28)]):
        row, column = divmod(place, NUMBER_WIDTH // 28)
        sheet.paste(_enlarged(image, 28), (left + 28 * column, top + NUMBER_HEIGHT + 28 * row))


def _enlarged(image: np.ndarray, side: int) -> Image.Image:
    return Image.fromarray(image).resize((side, side), Image.Resampling.NEAREST).convert("RGB")


def _write(sheet: Image.Image, answer: Answer, left: int, top: int) -> None:
    draw = ImageDraw.Draw(sheet)
    colour = RED if answer.is_wrong_and_sure else INK
    said = caption(answer)
    draw.text((left, top + 1), said if len(said) < 48 else said[:47] + "...", fill=colour, font=_font(14))
    draw.text((left, top + 18), Path(answer.of.file).name[-36:], fill=INK, font=_font(11))


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
