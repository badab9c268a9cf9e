"""What the start-up benchmark reads off Python; browsers are started by running it."""

import pytest

from benchmarks import imports

TOLD = """\
import time: self [us] | cumulative | imported package
import time:       100 |        100 |   numpy.linalg
import time:       200 |        300 | numpy
import time:        50 |        350 | mnist_core.runs
import time:        10 |         10 | mnist_core.data
"""


def test_others_are_told_by_package_and_ours_by_module():
    seconds = {"numpy": 0.0003, "mnist_core.runs": 0.00005, "mnist_core.data": 0.00001}
    assert imports.by_module(TOLD) == pytest.approx(seconds)


def test_a_pages_imports_are_those_at_its_top():
    code = imports.imports_of("pages/home.py")
    assert "import streamlit as st" in code
    assert "st.title" not in code


def test_what_is_imported_is_timed_without_what_it_imports_in_turn():
    seconds = imports.seconds_of("import mnist_core.format")
    assert 0 < seconds["mnist_core.format"] < 1


@pytest.mark.parametrize("name", imports.CODE)
def test_what_a_page_needs_can_be_imported_where_no_app_runs(name):
    assert imports.seconds_of("\n".join(map(imports.imports_of, imports.CODE[name])))
