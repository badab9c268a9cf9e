"""Handwritten digits: load, train, evaluate, predict. Knows nothing about the pages.

Reading order: `types` (the nouns), `training.loop`, `runs` (a training on disk), `reading.predict`.
"""

__version__ = "0.3.0"
