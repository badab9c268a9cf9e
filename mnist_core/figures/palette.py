"""Colours: one meaning, one colour, in two lightings.

Figures are drawn with the colours for paper, so that they are right in a notebook as they are; a page under the dark
theme exchanges each for its partner in `ON_DARK`. Text colours reach 4.5:1 against both grounds' surfaces, line colours
3:1 (WCAG 2.2, 1.4.3 and 1.4.11).
"""

PAPER, INK = "#fbf9f4", "#12151e"
DARK_PAPER, DARK_INK = "#15171b", "#e8e5dd"

FAINT_INK = "#62646b"  # notes and axis titles
RULE = "#ddd6c8"  # grid lines
ACCENT = "#2b4fa2"
MUTED = "#86837b"  # what is there but not meant
TRAINING = ACCENT
TRAINING_FAINT = "#b4c0de"  # the same curve before smoothing: a hint, not a reading
VALIDATION = "#9c5800"
ERROR = "#b8322a"

# Washes end where ink still reads on them at 4.5:1, so a number in a cell never has to change its colour.
TILE = "#f3efe7"
WASH = (TILE, "#6f90de")
ERROR_WASH = (TILE, "#e0796a")

# Of a weight: where ink speaks against, where for. Between them is nothing at all, so that whatever ground lies behind
# shows through: both stand 3:1 on the tiles of both themes, and blue and amber are told apart by every eye.
AGAINST, FOR = "#b06a12", "#4a72c8"

# Hues of Paul Tol's "muted" scheme (personal.sron.nl/~pault, 2021); lightness and saturation moved by search until
# each stands 3:1 on its ground and the closest two, seen with full, protan, deutan or tritan vision (Machado et al.
# 2009), are 0.078 apart in OKLab (of Tol's own: 0.052). The first is the accent.
CLASSES = (
    TRAINING, "#a87f2e", "#991b6a", "#053600", "#4879a4", "#6d6311", "#42144e", "#9b5c69", "#024c3a", "#8e8e8e",
)  # fmt: skip

DARK_CLASSES = (
    "#6990ea", "#bcb765", "#da54a6", "#a0fa98", "#79b7d2", "#9d8716", "#9d3ab3", "#ba2f4f", "#68dccf", "#eeeeee",
)  # fmt: skip

ON_DARK = {
    PAPER: DARK_PAPER,
    INK: DARK_INK,
    FAINT_INK: "#9b9993",
    RULE: "#343841",
    ACCENT: "#6990ea",
    MUTED: "#807e78",
    TILE: "#1e2127",
    TRAINING_FAINT: "#3a4a6b",
    VALIDATION: "#e6a64b",
    ERROR: "#ff8d7e",
    WASH[1]: "#3f63ab",
    ERROR_WASH[1]: "#a0463d",
    **dict(zip(CLASSES, DARK_CLASSES, strict=True)),
}
