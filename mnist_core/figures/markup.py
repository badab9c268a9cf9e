"""SVG put together from elements, so that no text from a file can ever become markup."""

import re
from xml.etree.ElementTree import Element

# What a page has no place for: control characters, and halves of surrogate pairs, which JSON may smuggle in.
_IMPOSSIBLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")

Child = Element | str


def tag(name: str, /, *children: Child, **attributes: str) -> Element:
    """An element. Underscores in the names of attributes stand for hyphens; one at the end is left out: `class_`."""
    element = Element(name, {key.rstrip("_").replace("_", "-"): _clean(value) for key, value in attributes.items()})
    for child in children:
        if isinstance(child, str):
            _append_text(element, _clean(child))
        else:
            element.append(child)
    return element


def _append_text(element: Element, text: str) -> None:
    if len(element):
        element[-1].tail = (element[-1].tail or "") + text
    else:
        element.text = (element.text or "") + text


def _clean(text: str) -> str:
    return _IMPOSSIBLE.sub("\ufffd", text)
