"""Ten probabilities as bars of HTML."""

import re

import numpy as np

from pages.components.predict.probability_bars import bars_html


def test_each_bar_is_as_high_as_its_probability_and_the_digit_meant_stands_out() -> None:
    probabilities = np.array([0, 0.02, 0, 0, 0, 0, 0, 0.93, 0.05, 0], np.float32)
    html = bars_html(probabilities, 7, description="said")
    shares = [float(share) for share in re.findall(r"--share: ([^\"]+)", html)]
    np.testing.assert_allclose(shares, probabilities, rtol=1e-6)
    assert re.findall(r'class="meant" title="([^"]+)">(\w+)', html) == [("7: 93.00 %", "93")]


def test_no_bar_stands_out_where_none_is_meant() -> None:
    html = bars_html(np.full(10, 0.1, np.float32), None, description="said")
    assert "meant" not in html


def test_bars_have_a_text_for_those_who_cannot_see_them() -> None:
    html = bars_html(np.eye(10, dtype=np.float32)[3], 3, description='"3" & more')
    assert 'role="img" aria-label="&quot;3&quot; &amp; more"' in html
    assert ">&gt; 99<" in html


def test_that_it_is_no_digit_is_an_eleventh_bar_only_where_it_is_asked_for() -> None:
    tenths = np.full(10, 0.07, np.float32)
    html = bars_html(tenths, 4, none=0.3, description="said")
    assert html.count("--share") == 11
    assert 'title="no digit: 30.00 %">30<' in html
    assert "<span>none</span>" in html
    assert "none" not in bars_html(tenths, 4, description="said")
