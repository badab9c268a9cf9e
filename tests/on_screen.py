"""What a page shows, read from Streamlit's AppTest."""

import json
from typing import Any

from streamlit.testing.v1 import AppTest


def said(at: AppTest) -> str:
    """All sentences and headings, one a line, in the order of their kinds."""
    kinds = (at.title, at.subheader, at.markdown, at.caption, at.text, at.info, at.warning, at.error, at.success)
    return "\n".join(element.value for kind in kinds for element in kind)


def links(at: AppTest) -> list[str]:
    """The labels of the links to other pages."""
    return [link.proto.label for link in at.get("page_link")]


def buttons(at: AppTest) -> list[str]:
    """The labels of all buttons, downloads among them."""
    return [button.label for button in at.button] + [button.proto.label for button in at.get("download_button")]


def chart(at: AppTest, key: str) -> dict[str, Any]:
    """What the chart of this key was given: its figure (under "fig", as Plotly's JSON), its description and so on."""
    for component in at.get("bidi_component"):
        if component.proto.id.endswith(f"-{key}"):
            given: dict[str, Any] = json.loads(component.proto.json)
            return {**given, "fig": json.loads(given["fig"])}
    raise AssertionError(f"no chart {key!r} on the page")


def table(at: AppTest) -> list[dict[str, Any]]:
    """The rows of the table of all runs: its cells by the heads of their columns, and how the row is marked."""
    for component in at.get("bidi_component"):
        if component.proto.id.endswith("-runs_table"):
            given = json.loads(component.proto.json)
            heads = [column["name"] for column in given["columns"]]
            return [
                {**row, "ticked": row["id"] in given["ticked"], **dict(zip(heads, row["cells"], strict=True))}
                for row in given["rows"]
            ]
    return []


def column(at: AppTest, name: str) -> list[str]:
    """What the table of all runs has in a column."""
    return [row[name] for row in table(at)]


def curves(at: AppTest, key: str) -> list[str]:
    """The names of a chart's curves, those of training left out."""
    names = [trace.get("name", "") for trace in chart(at, key)["fig"]["data"]]
    return [name for name in names if name and not name.endswith(", training")]


def captions(at: AppTest) -> list[str]:
    """What stands below the pictures of the first gallery."""
    body: str = next(html.proto.body for html in at.get("html") if "<figcaption" in html.proto.body)
    return [part.split(">", 1)[1].split("</figcaption>")[0] for part in body.split("<figcaption")[1:]]
