"""HTML and SVG put together from elements, so that no text from a file can ever become markup."""

import base64
import io
import re
from xml.etree.ElementTree import Element, tostring

import numpy as np
from PIL import Image

# What HTML has no place for: control characters, and halves of surrogate pairs, which JSON may smuggle in.
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


def to_html(root: Element) -> str:
    """A whole document."""
    return "<!doctype html>\n" + tostring(root, encoding="unicode", method="html") + "\n"


def data_uri(image: np.ndarray) -> str:
    """A picture, (H, W) or (H, W, 3) uint8, as a PNG inside its own address."""
    file = io.BytesIO()
    Image.fromarray(image).save(file, "PNG")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode("ascii")


def _append_text(element: Element, text: str) -> None:
    if len(element):
        element[-1].tail = (element[-1].tail or "") + text
    else:
        element.text = (element.text or "") + text


def _clean(text: str) -> str:
    return _IMPOSSIBLE.sub("\ufffd", text)
