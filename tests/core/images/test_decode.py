"""Whatever people upload is decoded the right way up with its ink visible, or refused in one sentence."""

import io
import random
import struct
import threading
import warnings
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from drawings import digit
from PIL import Image

from mnist_core.errors import ImageError
from mnist_core.images.decode import MAX_BYTES, MAX_PIXELS, MIN_SIDE, PIXELS_KEPT, read_picture, read_with_scale

SEVEN = 255 - digit(7, side=40, pen=5)  # (40, 40) uint8, dark ink on white
GREY = Image.fromarray(SEVEN)
RGB = Image.merge("RGB", (GREY, GREY, GREY))


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def transparent(ink: int, ground: int = 0) -> Image.Image:
    """The seven in ink of one grey; all the rest is transparent, with `ground` hidden under it."""
    grey = np.where(SEVEN < 128, ink, ground).astype(np.uint8)
    return Image.merge("RGBA", (*[Image.fromarray(grey)] * 3, GREY.point(lambda value: 255 - value)))


def contrast(picture: np.ndarray) -> float:
    """How much lighter the ground is than the ink, from -255 to 255."""
    grey = picture.astype(float) if picture.ndim == 2 else picture.astype(float).mean(2)
    return float(grey[SEVEN > 250].mean() - grey[SEVEN < 5].mean())


FORMATS = {
    "grey png": encoded(GREY, "PNG"),
    "colour png": encoded(RGB, "PNG"),
    "1-bit png": encoded(GREY.convert("1"), "PNG"),
    "palette png": encoded(RGB.quantize(4), "PNG"),
    "16-bit png": encoded(Image.fromarray(SEVEN.astype(np.uint16) * 257), "PNG"),
    "16-bit png of 12 bits": encoded(Image.fromarray(SEVEN.astype(np.uint16) * 16), "PNG"),
    "jpeg": encoded(RGB, "JPEG"),
    "grey jpeg": encoded(GREY, "JPEG"),
    "cmyk jpeg": encoded(RGB.convert("CMYK"), "JPEG"),
    "progressive jpeg": encoded(RGB, "JPEG", progressive=True),
    "gif": encoded(GREY, "GIF"),
    "bmp": encoded(RGB, "BMP"),
    "webp": encoded(RGB, "WEBP"),
    "tiff": encoded(RGB, "TIFF", compression="tiff_lzw"),
    "fax tiff": encoded(GREY.convert("1"), "TIFF", compression="group4"),
    "cmyk tiff": encoded(RGB.convert("CMYK"), "TIFF"),
    "lab tiff": encoded(Image.merge("LAB", (GREY, GREY.point(lambda _: 128), GREY.point(lambda _: 128))), "TIFF"),
    "float tiff, 0 to 1": encoded(Image.fromarray(SEVEN.astype(np.float32) / 255), "TIFF"),
    "float tiff, below 0": encoded(Image.fromarray(SEVEN.astype(np.float32) - 100), "TIFF"),
    "32-bit tiff": encoded(Image.fromarray(SEVEN.astype(np.int32) * 1000), "TIFF"),
    "pgm": encoded(GREY, "PPM"),
    "ppm": encoded(RGB, "PPM"),
}


@pytest.mark.parametrize("name", FORMATS)
def test_every_usual_format_is_read(name: str) -> None:
    picture = read_picture(FORMATS[name])
    assert picture.dtype == np.uint8
    assert picture.shape in ((40, 40), (40, 40, 3))
    assert contrast(picture) > 200


def test_grey_stays_grey_and_exact() -> None:
    np.testing.assert_array_equal(read_picture(FORMATS["grey png"]), SEVEN)


def test_path_bytes_and_open_file_give_the_same(tmp_path: Path) -> None:
    data = FORMATS["colour png"]
    path = tmp_path / "seven.png"
    path.write_bytes(data)
    np.testing.assert_array_equal(read_picture(path), read_picture(data))
    np.testing.assert_array_equal(read_picture(io.BytesIO(data)), read_picture(data))


def test_ending_does_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "seven.jpg"
    path.write_bytes(FORMATS["grey png"])
    np.testing.assert_array_equal(read_picture(path), SEVEN)


def test_result_can_be_written_to() -> None:
    picture = read_picture(FORMATS["grey png"])
    picture[0, 0] = 7
    assert picture[0, 0] == 7


@pytest.mark.parametrize("ground", [0, 255])
@pytest.mark.parametrize("ink", [0, 60, 200, 255])
def test_ink_on_transparency_stays_visible_whatever_is_hidden_under_it(ink: int, ground: int) -> None:
    assert abs(contrast(read_picture(encoded(transparent(ink, ground), "PNG")))) > 150


def test_transparent_grey_palette_webp_and_gif_stay_visible() -> None:
    black = transparent(0)
    pictures = [
        encoded(black.convert("LA"), "PNG"),
        encoded(black.quantize(4), "PNG"),
        encoded(black, "WEBP", lossless=True),
        encoded(black.quantize(4), "GIF", transparency=0),
        encoded(GREY, "PNG", transparency=255),
        encoded(RGB, "PNG", transparency=(255, 255, 255)),
    ]
    for data in pictures:
        assert abs(contrast(read_picture(data))) > 150


def test_opaque_paper_with_transparent_corners_keeps_its_colour_there() -> None:
    corners = RGB.copy()
    alpha = np.full(SEVEN.shape, 255, np.uint8)
    alpha[:4, :4] = alpha[-4:, -4:] = 0
    corners.putalpha(Image.fromarray(alpha))
    assert read_picture(encoded(corners, "PNG")).min(axis=(0, 1)).max() < 30
    assert read_picture(encoded(corners, "PNG"))[:4, :4].min() > 230


def test_fully_transparent_picture_is_a_blank_sheet() -> None:
    blank = Image.new("RGBA", (40, 40), (10, 20, 30, 0))
    assert np.ptp(read_picture(encoded(blank, "PNG"))) == 0


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "JPEG", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_in_the_metadata_is_applied(kind: str, orientation: int) -> None:
    turn = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,  # the camera was turned the other way
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    upright = GREY.crop((0, 0, 40, 32))
    stored = upright.transpose(turn[orientation]) if orientation > 1 else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = read_picture(encoded(stored, kind, exif=exif))
    assert picture.shape[:2] == (32, 40)
    grey = picture.astype(float) if picture.ndim == 2 else picture.mean(2)
    assert np.abs(grey - np.asarray(upright)).mean() < 6


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "TIFF"])
def test_first_frame_of_several_is_taken(kind: str) -> None:
    data = encoded(GREY, kind, save_all=True, append_images=[Image.new("L", (40, 40), 255)])
    assert contrast(read_picture(data)) > 200


def photo(width: int, height: int) -> Image.Image:
    return GREY.resize((width, height)).convert("RGB")


def test_twelve_megapixel_photo_is_read_reduced() -> None:
    data = encoded(photo(4000, 3000), "JPEG")
    assert read_picture(data).shape == (1500, 2000, 3)


def test_large_picture_without_cheap_reduction_is_reduced_too() -> None:
    picture = read_picture(encoded(photo(4000, 3000).convert("L"), "PNG", compress_level=1))
    assert picture.shape == (1500, 2000)
    assert picture.size < PIXELS_KEPT


def png_claiming(width: int, height: int) -> bytes:
    """A well-formed PNG whose header claims a size that its data does not hold."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(100))) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("size", [(20_000, 20_000), (10_000, 9_500), (9_000, 9_000), (20_000, 30), (30, 60_000)])
def test_too_large_a_picture_is_refused_by_its_header(size: tuple[int, int]) -> None:
    with pytest.raises(ImageError, match=f"at most {MAX_PIXELS // 1_000_000} megapixels") as caught:
        read_picture(png_claiming(*size))
    check_sentence(caught.value)


@pytest.mark.parametrize("size", [(1, 1), (MIN_SIDE - 1, 100), (100, 1)])
def test_too_small_a_picture_is_refused(size: tuple[int, int]) -> None:
    with pytest.raises(ImageError, match=f"found {size[0]} x {size[1]}") as caught:
        read_picture(encoded(Image.new("L", size), "PNG"))
    check_sentence(caught.value)


def test_too_large_a_file_is_refused_without_reading_it_all() -> None:
    class Endless(io.RawIOBase):
        asked = 0

        def read(self, size: int = -1) -> bytes:
            assert size >= 0, "asked for everything"
            self.asked += size
            return bytes(size)

    file = Endless()
    with pytest.raises(ImageError, match="at most 10 MB") as caught:
        read_picture(file)
    assert file.asked <= MAX_BYTES + 1
    check_sentence(caught.value)


BROKEN = {
    "empty": (b"", "empty"),
    "text": ("Eine Ziffer, é".encode(), "found text"),
    "noise": (random.Random(0).randbytes(500), "another format"),
    "pdf": (b"%PDF-1.7 \xff\xfe", "PDF"),
    "heic": (b"\x00\x00\x00\x18ftypheic\x00\x00", "HEIC"),
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "found an SVG drawing; export it as JPEG or PNG"),
    "png signature only": (b"\x89PNG\r\n\x1a\n", "damaged"),
    "half a png": (FORMATS["colour png"][: len(FORMATS["colour png"]) // 2], "truncated"),
    "half a jpeg header": (FORMATS["jpeg"][: len(FORMATS["jpeg"]) // 3], "damaged"),
    "jpeg without its end": (FORMATS["jpeg"][:-40], "truncated"),
    "half a gif": (FORMATS["gif"][: len(FORMATS["gif"]) // 2], "truncated"),
    "half a tiff": (FORMATS["cmyk tiff"][: len(FORMATS["cmyk tiff"]) // 2], "damaged"),
    "half a webp": (FORMATS["webp"][: len(FORMATS["webp"]) // 2], "damaged"),
    "half a bmp": (FORMATS["bmp"][: len(FORMATS["bmp"]) // 2], "truncated"),
    "no number in it": (encoded(Image.fromarray(np.full((40, 40), np.nan, np.float32)), "TIFF"), "undefined"),
    "icon, not on our list": (encoded(RGB, "ICO"), "another format"),
}


def check_sentence(error: ImageError) -> None:
    """One sentence that says what was expected and what was found."""
    text = str(error)
    assert text.startswith("Expected")
    assert "found" in text
    assert text.endswith(".")
    assert ". " not in text
    assert "\n" not in text


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_whole_picture_is_refused_in_one_sentence(name: str) -> None:
    data, words = BROKEN[name]
    with pytest.raises(ImageError, match=words) as caught:
        read_picture(data)
    check_sentence(caught.value)


def test_missing_file_folder_and_impossible_name_are_refused(tmp_path: Path) -> None:
    for path, words in [
        (tmp_path / "none.png", "no file"),
        (tmp_path, "folder"),
        (Path("/dev/zero"), "not a regular file"),
        (tmp_path / "a\0b", "invalid file name"),
    ]:
        with pytest.raises(ImageError, match=words) as caught:
            read_picture(path)
        check_sentence(caught.value)


def test_damaged_metadata_does_not_matter() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    data = encoded(RGB, "JPEG", exif=exif)
    start = data.index(b"Exif\x00\x00") + 6
    assert contrast(read_picture(data[:start] + b"\xff" * 8 + data[start + 8 :])) > 200


def test_damaged_bytes_never_raise_anything_but_image_error() -> None:
    chance = random.Random(0)
    for data in (value for name, value in FORMATS.items() if "tiff" not in name):  # libtiff prints its complaints
        for _ in range(20):
            damaged = bytearray(data)
            for _ in range(chance.choice((1, 3, 9))):
                damaged[chance.randrange(min(len(damaged), 300))] = chance.randrange(256)
            try:
                picture = read_picture(bytes(damaged))
            except ImageError as error:
                check_sentence(error)
            else:
                assert picture.dtype == np.uint8


def test_reading_in_threads_leaves_warnings_as_they_were() -> None:
    before = list(warnings.filters)
    threads = [threading.Thread(target=read_picture, args=(FORMATS["jpeg"],)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert warnings.filters == before


def test_large_picture_comes_with_the_scale_at_which_it_was_read() -> None:
    for size in ((5000, 4000), (3001, 2003)):
        for kind in ("PNG", "JPEG"):
            data = io.BytesIO()
            Image.new("L", size, 200).save(data, kind)
            picture, scale = read_with_scale(data.getvalue())
            assert abs(picture.shape[1] * scale - size[0]) < 1
            assert abs(picture.shape[0] * scale - size[1]) < scale
            assert scale > 1
    small = io.BytesIO()
    Image.new("L", (300, 200)).save(small, "PNG")
    assert read_with_scale(small.getvalue())[1] == 1
