"""Makes `mnist_core/datasets/synthetic/glyphs.npz`: the strokes of digits and letters in 226 free handwriting fonts.

    python -m recipes.glyphs FILE

The fonts are the npm packages that `fonts.json` names (@fontsource, from Google Fonts), each with version, checksum and
licence; about 600 MB are fetched and 1 MB is kept. A font that was drawn by a person's hand holds what MNIST lacks:
other countries' digits, and letters. Only the middle line of each glyph is kept, so that any pen may draw it.
"""

import base64
import hashlib
import io
import json
import sys
import tarfile
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from skimage.morphology import skeletonize
from tqdm import tqdm

REGISTRY = "https://registry.npmjs.org"
FONTS = Path(__file__).with_name("fonts.json")
DIGITS = "0123456789"
# What nobody takes for a digit, in any of these fonts; not O, l, I, Z, S, b, q, g and their like.
OTHERS = "AEFHKMNPQRTVWXYadefhkmnprtuvwxy@&?%#*+="
SIDE = 64  # pixels of a glyph's longer side
MIN_POINTS = 6  # of a middle line: what has fewer is a blot


def fetch(font: dict[str, str]) -> bytes:
    """The font's file out of its package.

    Raises: ValueError: if the package is not the one whose checksum `fonts.json` names.
    """
    name, version = font["name"], font["version"]
    with urllib.request.urlopen(f"{REGISTRY}/@fontsource/{name}/-/{name}-{version}.tgz", timeout=60) as answer:
        package = answer.read()
    digest = base64.b64encode(hashlib.sha512(package).digest()).decode()
    if font["integrity"] != f"sha512-{digest}":
        raise ValueError(f"@fontsource/{name} {version}: expected {font['integrity']}, got sha512-{digest}")
    with tarfile.open(fileobj=io.BytesIO(package)) as files:
        member = files.extractfile(font["file"])
        assert member is not None, f"{font['file']} is no file"
        return member.read()


def middle_lines(file: bytes) -> Iterator[tuple[str, np.ndarray]]:
    """Each character that the font has, and the points (P, 2) uint8 of its middle line, x right, y down."""
    font = ImageFont.truetype(io.BytesIO(file), 120)
    absent = glyph(font, "\ue123")  # fonts show one and the same sign for all that they lack
    for character in DIGITS + OTHERS:
        shape = glyph(font, character)
        if shape is None or (absent is not None and np.array_equal(shape, absent)):
            continue
        points = np.argwhere(skeletonize(shape))[:, ::-1]
        if len(points) >= MIN_POINTS:
            yield character, points.astype(np.uint8)


def glyph(font: ImageFont.FreeTypeFont, character: str) -> np.ndarray | None:
    """A character as (H, W) bool, its longer side `SIDE` pixels and a margin; None if it is blank."""
    image = Image.new("L", (480, 480))
    ImageDraw.Draw(image).text((120, 120), character, font=font, fill=255)
    box = image.getbbox()
    if box is None:
        return None
    image = image.crop(box)
    scale = SIDE / max(image.size)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return np.pad(np.asarray(image.resize(size, Image.Resampling.BICUBIC)) > 127, 2)


def main(target: Path) -> None:
    fonts = json.loads(FONTS.read_text())
    points, ends, characters, font_of = [], [], [], []
    with ThreadPoolExecutor(4) as pool:
        for number, file in enumerate(tqdm(pool.map(fetch, fonts), total=len(fonts), unit="font")):
            for character, line in middle_lines(file):
                points.append(line)
                ends.append(len(line))
                characters.append(character)
                font_of.append(number)
    np.savez_compressed(
        target,
        points=np.concatenate(points),  # (P, 2) uint8
        ends=np.cumsum(ends, dtype=np.int32),  # (G,) where each glyph's points end
        characters=np.array(characters),  # (G,) one character each
        fonts=np.array(font_of, np.int16),  # (G,) places in fonts.json
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
