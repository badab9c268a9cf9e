import numpy as np
import pytest

from mnist_core.runs.growable_array import FIRST_ROOM, Column


def test_a_column_is_a_list_of_plain_numbers():
    column = Column(int, [1, 2])
    column.append(3)
    column.extend([4])
    assert column == [1, 2, 3, 4]
    assert (column[0], column[-1], list(column[-2:]), len(column)) == (1, 4, [3, 4], 4)
    assert type(column[0]) is int
    assert not Column(float)


def test_it_grows_beyond_its_first_room():
    column = Column(float)
    for value in range(3 * FIRST_ROOM):
        column.append(float(value))
    assert column == [float(value) for value in range(3 * FIRST_ROOM)]


def test_what_somebody_looks_at_holds_still_while_it_grows():
    column = Column(float, [1.0, 2.0])
    values = column.values
    column.extend([0.0] * 2 * FIRST_ROOM)
    assert values.tolist() == [1.0, 2.0]
    assert values.dtype == np.float64


@pytest.mark.parametrize("length", [0, 2, 4, 9])
def test_values_are_dropped_from_the_end(length):
    column = Column(int, [1, 2, 3, 4])
    column.truncate(length)
    assert column == [1, 2, 3, 4][:length]
    column.append(5)
    assert column == [*[1, 2, 3, 4][:length], 5]


def test_a_snapshot_holds_still_whatever_becomes_of_its_column():
    column = Column(int, [1, 2, 3])
    taken = column.snapshot()
    assert np.shares_memory(taken.values, column.values)
    column.append(4)
    column.truncate(1)
    column.extend([7, 8, 9])
    assert taken == [1, 2, 3]
    taken.append(6)
    assert (taken, column) == ([1, 2, 3, 6], [1, 7, 8, 9])


def test_what_is_no_number_is_refused():
    with pytest.raises(ValueError):
        Column(float, ["many"])
