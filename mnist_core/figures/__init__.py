"""Records in, Plotly figures or SVG out."""
