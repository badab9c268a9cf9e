"""How a run's card looks: on paper A4 in black on white, on a screen in the lighting that the reader prefers."""

from mnist_core.figures.palette import (
    ERROR_WASH,
    FAINT_INK,
    INK,
    ON_DARK,
    PAPER,
    RULE,
    TILE,
)

WHITE = "#ffffff"
COLOURS = {
    "paper": PAPER,
    "ink": INK,
    "faint-ink": FAINT_INK,
    "rule": RULE,
    "tile": TILE,
    "wash": ERROR_WASH[1],
}


def _variables(colours: dict[str, str]) -> str:
    return " ".join(f"--{name}: {colour};" for name, colour in colours.items())


STYLE = f"""
:root {{ color-scheme: light; {_variables(COLOURS)} }}
@media screen and (prefers-color-scheme: dark) {{
  :root {{ color-scheme: dark; {_variables({name: ON_DARK[colour] for name, colour in COLOURS.items()})} }}
}}
@page {{ size: A4; margin: 13mm 12mm; }}
* {{ box-sizing: border-box; }}
html {{ -webkit-text-size-adjust: 100%; }}
body {{ margin: 0 auto; max-width: 60rem; padding: 2rem 1rem 3rem; background: var(--paper); color: var(--ink);
  font: 15px/1.45 "Source Sans 3", "Source Sans", "Helvetica Neue", Helvetica, Arial, sans-serif;
  font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }}
h1 {{ margin: 0; font-size: 1.75rem; line-height: 1.2; letter-spacing: -0.012em; }}
h2 {{ margin: 0 0 0.5rem; font-size: 1.0625rem; break-after: avoid; }}
p {{ margin: 0 0 0.5rem; }}
section {{ margin-top: 1.5rem; }}
.columns > * {{ min-width: 0; }}
.columns section:first-child, .columns > section {{ margin: 0; }}
.faint, caption, dt, th {{ color: var(--faint-ink); font-weight: 400; }}
.columns {{ display: grid; gap: 1.5rem 2rem; margin-top: 1.5rem;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 20.5rem), 1fr)); }}
table {{ border-collapse: collapse; }}
caption {{ text-align: left; padding-bottom: 0.375rem; }}
.results {{ width: 100%; }}
.results th, .results td {{ padding: 0.3rem 1rem 0.3rem 0; border-bottom: 1px solid var(--rule); text-align: left;
  vertical-align: baseline; overflow-wrap: normal; }}
.results th[scope="row"] {{ color: var(--ink); }}
.results th[scope="row"] span {{ display: block; font-size: 0.8125rem; color: var(--faint-ink); }}
.results td.accuracy {{ font-size: 1.125rem; font-weight: 600; }}
.matrix th, .matrix td {{ width: 2rem; height: 1.75rem; padding: 0; text-align: center; font-size: 0.8125rem;
  overflow-wrap: normal; }}
.matrix td {{ background: color-mix(in srgb, var(--wash) var(--share, 0%), var(--tile));
  border: 1px solid var(--paper); print-color-adjust: exact; -webkit-print-color-adjust: exact; }}
.matrix thead td {{ background: none; }}
.matrix td.right {{ color: var(--faint-ink); }}
.digits {{ display: grid; gap: 0.75rem 0.5rem; grid-template-columns: repeat(auto-fill, minmax(5.125rem, 1fr)); }}
.digits figure {{ margin: 0; break-inside: avoid; }}
.digits img {{ display: block; width: 56px; height: 56px; image-rendering: pixelated; border-radius: 2px; }}
.digits figcaption {{ margin-top: 0.25rem; font-size: 0.75rem; line-height: 1.3; white-space: pre-line; }}
dl {{ display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 0.125rem 1rem; margin: 0; }}
dd {{ margin: 0; }}
.tags span {{ border: 1px solid var(--rule); border-radius: 1em; padding: 0 0.6em; margin-right: 0.4em; }}
.note {{ white-space: pre-line; }}
pre {{ margin: 0 0 0.75rem; padding: 0.5rem 0.75rem; background: var(--tile); border-radius: 4px; white-space: pre-wrap;
  overflow-wrap: anywhere; font: 0.8125rem/1.5 ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace;
  print-color-adjust: exact; -webkit-print-color-adjust: exact; }}
pre span {{ display: inline-block; max-width: 100%; }}
@media print {{
  :root {{ --paper: {WHITE}; }}
  body {{ max-width: none; padding: 0; font-size: 9.5pt; }}
  h1 {{ font-size: 17pt; }}
  section, .columns {{ margin-top: 1rem; }}
  .columns {{ grid-template-columns: 1fr 1fr; gap: 1rem 1.5rem; }}
  .digits {{ grid-template-columns: repeat(4, 1fr); }}
  section {{ break-inside: avoid; }}
}}
"""
