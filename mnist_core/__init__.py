"""Handwritten digits: load, train, evaluate, predict. Knows nothing of the pages that show it.

Reading order: `records` (the nouns), `train` (the loop), `runs` (a training on disk), `predict` (a picture read).
"""

__version__ = "0.3.0"
