"""What is timed is what a person brings."""

import io

from PIL import Image

from benchmarks.reading_speed import canvas_png
from mnist_core.images.decode import read_picture
from mnist_core.images.preprocess import preprocess


def test_the_timed_drawing_is_a_digit_as_the_canvas_sends_it() -> None:
    content = canvas_png()
    assert Image.open(io.BytesIO(content)).size == (280, 280)
    assert preprocess(read_picture(content), invert="no").image.max() == 255
