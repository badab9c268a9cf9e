"""Digits are shown pixel by pixel, at whole multiples, with a text for those who cannot see them."""

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image

from mnist_core.figures.data_uri import data_uri
from pages.components.shared.digits import gallery_html


def test_a_picture_survives_its_way_into_an_address() -> None:
    image = np.arange(784, dtype=np.uint16).reshape(28, 28).astype(np.uint8)
    head, _, body = data_uri(image).partition(",")
    assert head == "data:image/png;base64"
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(base64.b64decode(body)))), image)


@pytest.mark.parametrize(
    ("height", "width", "shown"), [(28, 28, 'width="84" height="84"'), (20, 14, 'width="56" height="80"')]
)
def test_small_pictures_are_enlarged_by_the_greatest_whole_number_that_fits(
    height: int, width: int, shown: str
) -> None:
    html = gallery_html([np.zeros((height, width), np.uint8)], ["a"], side=84)
    assert shown in html
    assert 'class="pixels"' in html


def test_large_pictures_are_shrunk_to_their_frame() -> None:
    html = gallery_html([np.zeros((300, 200, 3), np.uint8)], ["a"], side=84)
    assert 'class="photo"' in html
    assert "width=" not in html.split("<img", 1)[1].split(">", 1)[0]


def test_captions_are_text_and_serve_as_alternatives() -> None:
    html = gallery_html(np.zeros((1, 28, 28), np.uint8), ['<b>"7" & 9'])
    assert "<b>" not in html
    assert 'alt="&lt;b&gt;&quot;7&quot; &amp; 9"' in html


def test_only_wrong_readings_are_marked() -> None:
    html = gallery_html(np.zeros((3, 28, 28), np.uint8), ["a", "b", "c"], wrong=[False, True, False])
    assert re.findall(r'<figcaption class="(\w+)">(\w)', html) == [("plain", "a"), ("wrong", "b"), ("plain", "c")]


def test_a_caption_too_few_is_a_mistake() -> None:
    with pytest.raises(ValueError):
        gallery_html(np.zeros((2, 28, 28), np.uint8), ["a"])
