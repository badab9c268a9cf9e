"""A small app of its own for the chart component: a live curve and a clickable matrix."""

import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(REPOSITORY))

import streamlit as st  # noqa: E402
from starlette.routing import Route  # noqa: E402

from streamlit_app import plotly_js  # noqa: E402

app = st.App(Path(__file__).with_name("charts_page.py"), routes=[Route("/api/plotly.min.js", plotly_js)])
