"""Pictures drawn beyond MNIST: the pen, the styles, and the file that keeps them."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import ndimage
from small_runs import copy_run

from mnist_core.datasets import registry
from mnist_core.datasets.synthetic import build, drawing
from mnist_core.datasets.synthetic.drawing import Amounts, draw_all
from mnist_core.datasets.synthetic.pen import arc, bend, cloud, curve, draw, line
from mnist_core.datasets.synthetic.styles import DIGIT_STYLES, one, scribble, seven, sign, zero
from mnist_core.errors import DatasetError
from mnist_core.runs import evaluations
from mnist_core.runs.run import Run
from mnist_core.types import NOT_A_DIGIT

FEW = Amounts(glyph_digits=20, styled_digits=20, letters=10, scribbles=4, signs=4, patches=2)


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Few pictures, kept in a folder of this test."""
    monkeypatch.setattr(drawing, "TRAIN", FEW)
    monkeypatch.setattr(drawing, "VALIDATION", FEW)
    monkeypatch.setenv("MNIST_OTHERS", str(tmp_path / "others"))
    return tmp_path / "others"


def pieces(image: np.ndarray) -> int:
    return int(ndimage.label(image > 60, np.ones((3, 3)))[1])


def test_a_drawing_has_mnists_form() -> None:
    rng = np.random.default_rng(0)
    for style in DIGIT_STYLES:
        image = draw(bend(cloud(style(rng)), rng), rng)
        assert (image.shape, image.dtype, image.max()) == ((28, 28), np.uint8, 255)
        rows, columns = np.flatnonzero(image.any(1)), np.flatnonzero(image.any(0))
        assert max(np.ptp(rows), np.ptp(columns)) + 1 == 20
        centre = ndimage.center_of_mass(image)
        assert all(12.9 < place < 15.1 for place in centre)


def test_the_same_generator_draws_the_same_picture() -> None:
    first, second = (np.random.default_rng(7) for _ in range(2))
    for style in (*DIGIT_STYLES, scribble, sign):
        assert np.array_equal(*(draw(bend(cloud(style(rng)), rng), rng) for rng in (first, second)))


def test_a_stroke_is_unbroken_by_the_finest_pen() -> None:
    rng = np.random.default_rng(1)
    for stroke in (line((0, 0), (3, 40)), curve((0, 0), (5, 5), (0, 9)), arc(0, 0, 4, 9, 0, 1)):
        assert pieces(draw(cloud([stroke]), rng, pen=1.6)) == 1


def test_a_broader_pen_leaves_more_ink() -> None:
    ink = [int(draw(cloud(one(np.random.default_rng(3))), np.random.default_rng(3), pen=p).sum()) for p in (2, 3, 4)]
    assert ink == sorted(ink)


def test_ones_have_upstrokes_sevens_bars_and_zeros_slashes() -> None:
    rng = np.random.default_rng(2)
    ones = [np.concatenate(one(rng)) for _ in range(200)]
    reach = [float(stroke[:, 0].max() - stroke[:, 0].min()) for stroke in ones]
    assert np.mean(np.array(reach) > 0.3) > 0.4
    assert 0.4 < np.mean([len(seven(rng)) == 2 for _ in range(200)]) < 0.9
    assert 0.15 < np.mean([len(zero(rng)) == 2 for _ in range(200)]) < 0.45


def test_all_origins_are_there_with_their_labels() -> None:
    labels = Counter(label for _, label in draw_all(FEW, held_out=False))
    assert labels[NOT_A_DIGIT] == 20
    assert sum(labels.values()) == FEW.total()
    assert set(labels) <= {*range(10), NOT_A_DIGIT}


def test_what_was_drawn_is_kept_and_read_back(few: Path) -> None:
    assert not build.is_built()
    seen: list[tuple[int, int]] = []
    build.build(on_progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (120, 120)
    assert build.is_built()
    train, validation = build.read()
    assert (len(train), len(validation)) == (60, 60)
    assert not np.array_equal(train.images, validation.images)
    assert [path.suffix for path in few.iterdir()] == [".npz"]


def test_before_they_are_drawn_the_data_set_says_how(few: Path) -> None:
    assert not registry.is_available("people")
    with pytest.raises(DatasetError, match="data people"):
        build.read()


def test_a_damaged_file_is_named(few: Path) -> None:
    build.build()
    next(few.iterdir()).write_bytes(b"torn")
    with pytest.raises(DatasetError, match=r"others-.*npz is damaged"):
        build.read()


@pytest.mark.long
def test_people_is_mnist_and_more_with_mnists_own_exam(few: Path, mnist_source: Path, monkeypatch) -> None:
    monkeypatch.setenv("MNIST_DATA", str(mnist_source))
    build.build()
    people, mnist = registry.load("people"), registry.load("mnist")
    assert np.array_equal(people.test.images, mnist.test.images)
    assert len(people.train) == 55_000 + 5 * 1258 + 60
    assert len(people.validation) == 5_000 + 180 + 60
    assert registry.source_of("people", "test") == "mnist"
    assert NOT_A_DIGIT in people.train.labels
    assert NOT_A_DIGIT not in people.train.digits_only().labels


@pytest.mark.long
def test_people_drawn_anew_or_elsewhere_are_read_anew(
    few: Path, mnist_source: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MNIST_DATA", str(mnist_source))
    build.build()
    before = registry.load("people").checksum
    monkeypatch.setenv("MNIST_OTHERS", str(tmp_path / "elsewhere"))
    monkeypatch.setattr(drawing, "TRAIN", replace(FEW, signs=FEW.signs + 1))
    build.build()
    assert registry.load("people").checksum != before


def test_its_exam_is_mnists_own_and_needs_nothing_drawn(
    few: Path, mnist_source: Path, monkeypatch: pytest.MonkeyPatch, small_run: Run, checkpoints: Path
) -> None:
    monkeypatch.setenv("MNIST_DATA", str(mnist_source))
    run = copy_run(small_run, checkpoints, dataset="people")
    assert len(evaluations.read_split(run, "test")) == 10_000
    with pytest.raises(DatasetError, match="has not been drawn yet"):
        evaluations.read_split(run, "validation")


def test_where_nothing_can_be_saved_is_said_before_anything_is_drawn(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("MNIST_OTHERS", str(tmp_path / "file" / "others"))
    monkeypatch.setattr(drawing, "draw_all", lambda *_, **__: pytest.fail("drawn in vain"))
    with pytest.raises(DatasetError, match=r"cannot save the drawn pictures.*MNIST_OTHERS"):
        build.build()
