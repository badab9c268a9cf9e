"""How many threads a single picture is worth: one.

On two cores that something else wants too, two threads wait for each other at every layer: a picture then takes the CNN
24 to 50 ms, and 0.4 ms with one thread (measured beside a training).
"""

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def one_thread() -> Iterator[None]:
    """Let torch use one thread within, and as many as before afterwards. Threads at work elsewhere keep theirs."""
    import torch  # a second; pages import this module and must be on screen before that

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
