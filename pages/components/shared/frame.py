"""What stands around every page: logo, browser tab, and the little that the theme's options cannot say."""

from pathlib import Path

import streamlit as st

from mnist_core import paths
from mnist_core.figures.palette import ACCENT, ERROR, INK, ON_DARK, PAPER
from pages.components.shared import sketch

HERE = Path(__file__).resolve().parent
LOGO, ICON = HERE / "logo.svg", HERE / "icon.svg"

# Without an entry of ours Streamlit would hide its menu, and with it the choice between light and dark.
ABOUT = "A workbench for handwritten digits: train, evaluate, predict. Everything stays on this machine."


def both(colour: str) -> str:
    """A colour of ours in the lighting that the reader chose, as CSS: Streamlit tells the browser which it is."""
    return f"light-dark({colour}, {ON_DARK[colour]})"


# Each rule stands alone: should Streamlit rename an element, the page is plainer and nothing breaks.
STYLE = f"""
<style>
/* The width is the page's up to a large screen's, and a line of text stays readable on it. */
[data-testid="stMainBlockContainer"] {{ max-width: 120rem; }}
[data-testid="stMainBlockContainer"] .stMarkdown p {{ max-width: 46rem; }}
/* Numbers in columns line up, and do not tremble while they change. */
.stApp {{ font-variant-numeric: tabular-nums; }}
h1, h2, h3 {{ letter-spacing: -0.012em; }}
/* Streamlit writes white on the accent, which under the dark theme is too light for it. */
[data-testid^="stBaseButton-primary"]:not(:disabled) {{ color: {both(PAPER)} !important; }}
/* What destroys is red. */
[class*="st-key-confirm_delete"] button {{ background: {both(ERROR)}; border-color: {both(ERROR)}; }}
/* A long value takes a second line instead of losing its end. */
[data-testid="stMetricValue"] > * {{ white-space: normal; overflow: visible; }}
/* A bar that glides has the whole window composed thirty times a second, by the cores that train. */
[data-testid="stProgressBarTrack"] > * {{ transition: none !important; }}
/* Until a sketch can be read, what Streamlit shows instead takes no room: the chart below it must not jump. */
[class*="-place"] .stMarkdown [data-testid="stSkeleton"] {{ position: absolute; visibility: hidden; }}
/* The doors of the first page: their links are what to press. */
[class*="st-key-door-"] {{ padding: 1.25rem; }}
[class*="st-key-door-"] a[data-testid="stPageLink-NavLink"] {{ padding: 0.375rem 0.75rem;
  border: 1px solid {both(ACCENT)}; }}
[class*="st-key-door-"] a[data-testid="stPageLink-NavLink"] * {{ color: {both(ACCENT)}; font-weight: 500; }}
.st-key-door-train a[data-testid="stPageLink-NavLink"] {{ background: {both(ACCENT)}; }}
.st-key-door-train a[data-testid="stPageLink-NavLink"] * {{ color: {both(PAPER)}; }}
.st-key-door-train a[data-testid="stPageLink-NavLink"]:hover {{ background: {both(INK)}; }}
/* Names of runs begin where the text above them begins. */
.st-key-latest a[data-testid="stPageLink-NavLink"] {{ padding-left: 0; }}
.st-key-latest a[data-testid="stPageLink-NavLink"] * {{ color: {both(ACCENT)}; }}
/* The mark is drawn on a grid of 28: one dot a cell. */
img.stLogo {{ height: 28px; max-width: none; }}
</style>
"""


def frame() -> None:
    """Set up the browser tab, the logo and the shared style; called once a run, before any page."""
    st.set_page_config(page_icon=ICON, layout="wide", menu_items={"About": ABOUT})
    st.logo(str(LOGO))
    st.html(STYLE)
    sketch.turn_page()


def page(name: str) -> Path:
    """Where the page of this name lies, for links and switches to it."""
    return paths.APP_FOLDER / "pages" / f"{name}.py"
