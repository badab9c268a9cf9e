"""Touching digits are cut where little ink is in the way, and put together again as scores say."""

import numpy as np
from drawings import paste, zero

from mnist_core.images.split_touching import best_partition, cut_into_atoms


def test_the_highest_sum_of_scores_wins() -> None:
    scores = {(0, 1): -1.0, (1, 2): -1.0, (2, 3): -0.5, (0, 2): -1.5, (1, 3): -3.0, (0, 3): -9.0}
    assert best_partition(3, scores) == [(0, 2), (2, 3)]
    assert best_partition(3, {**scores, (0, 3): -1.0}) == [(0, 3)]
    assert best_partition(1, {(0, 1): -7.0}) == [(0, 1)]


def test_two_rings_that_touch_can_be_parted_where_they_do() -> None:
    rings = np.zeros((110, 140), np.uint8)
    paste(rings, zero(110, 72, 9), 0, 0)
    paste(rings, zero(110, 72, 9), 68, 0)
    atoms, costs = cut_into_atoms(rings, 110)
    assert atoms.shape == rings.shape
    assert len(costs) == atoms.max()
    assert min(costs) >= 0
    ends = [np.flatnonzero(((atoms == atom) & (rings > 0)).any(0)).max() for atom in range(atoms.max())]
    assert any(abs(end - 70) <= 5 for end in ends)


def test_atoms_are_counted_from_the_left() -> None:
    rings = np.zeros((110, 210), np.uint8)
    for i in range(3):
        paste(rings, zero(110, 72, 9), 68 * i, 0)
    atoms, _ = cut_into_atoms(rings, 110)
    assert (np.diff(atoms, axis=1) >= 0).all()
    assert set(np.unique(atoms)) == set(range(atoms.max() + 1))


def test_a_cut_leans_with_slanting_digits() -> None:
    left, right = np.zeros((120, 200), np.uint8), np.zeros((120, 200), np.uint8)
    for row in range(120):
        left[row, 90 - row // 3 : 102 - row // 3] = right[row, 140 - row // 3 : 152 - row // 3] = 255
    bars = np.maximum(left, right)
    bars[55:62, 70:140] = 255  # joins the two
    atoms, costs = cut_into_atoms(bars, 120)
    assert min(costs) < 1
    parting = [(atoms[left > 0] < k).mean() + (atoms[right > 0] >= k).mean() for k in range(1, atoms.max() + 1)]
    assert max(parting) > 1.95


def test_little_ink_is_not_cut() -> None:
    atoms, costs = cut_into_atoms(np.full((3, 4), 255, np.uint8), 3)
    assert not atoms.any()
    assert costs == []
    assert cut_into_atoms(np.zeros((40, 60), np.uint8), 40)[1] == []
