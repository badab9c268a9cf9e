"""Elements of a picture: text stays text."""

from xml.etree.ElementTree import tostring

from mnist_core.figures.markup import tag


def test_text_in_elements_keeps_its_order_and_its_characters():
    element = tag("p", "a < b ", tag("b", "&"), " c", tag("i", "d"), "e\x07", class_="x", aria_label='"')
    assert tostring(element, encoding="unicode", method="html") == (
        '<p class="x" aria-label="&quot;">a &lt; b <b>&amp;</b> c<i>d</i>e\ufffd</p>'
    )
