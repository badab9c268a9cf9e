"""The update of a whole batch, recorded once on a GPU and replayed from then on.

A step of a small network is a hundred kernels of a few microseconds each; to launch them one by one from Python takes
longer than they do. Recorded as a CUDA graph they are launched as one. A graph runs on the very memory it was recorded
with: so the batch is copied to where it looks, and what it leaves is copied away.

Source: pytorch.org/docs/stable/notes/cuda.html, "CUDA Graphs", whole-network capture.
"""

import sys
from collections.abc import Callable
from typing import Protocol

import torch
from torch import Tensor

Update = Callable[[Tensor], tuple[Tensor, Tensor]]  # (B,) places of images -> loss, how many were right: scalars

REPLAYED = {"cuda"}  # devices where launching a step's kernels one by one takes longer than they do
WARM_STEPS = 3  # before recording: optimiser state and workspaces are made by the first


class Graph(Protocol):
    """What `torch.cuda.CUDAGraph` can do."""

    def replay(self) -> None: ...


class CudaGraphUpdate:
    """An `Update` that does the same as another, on a GPU and quicker.

    The first steps, and batches that are not whole, run as usual. Random numbers are drawn as before: a replayed graph
    asks torch's generator for its seed.
    """

    def __init__(self, update: Update, batch_size: int) -> None:
        self._update = update
        self._batch_size = batch_size
        self._steps = 0
        self._graph: Graph | None = None

    def __call__(self, batch: Tensor) -> tuple[Tensor, Tensor]:
        if len(batch) != self._batch_size:
            return self._update(batch)
        self._steps += 1
        if self._steps <= WARM_STEPS:
            return self._update(batch)
        if self._steps == WARM_STEPS + 1:
            self._batch = batch.clone()
            self._try_to_record()
        if self._graph is None:
            return self._update(batch)
        self._batch.copy_(batch)
        self._graph.replay()
        loss, correct = self._left
        return loss.clone(), correct.clone()

    def _try_to_record(self) -> None:
        """Trains nothing. If a driver or a kernel does not support it, the training goes on, and its log says so."""
        try:
            self._graph = record_graph(self._make)
        except RuntimeError as error:
            why = str(error).partition("\n")[0]
            print(f"no CUDA graph ({why}): kernels are launched one by one, which is slower", file=sys.stderr)  # noqa: T201

    def _make(self) -> None:
        self._left = self._update(self._batch)


def record_graph(make: Callable[[], None]) -> Graph:
    """Record what `make` has the GPU do, without doing it.

    Raises:
        RuntimeError: if something in it cannot be recorded.
    """
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph, stream=torch.cuda.current_stream()):
        make()
    return graph


def replayed(update: Update, batch_size: int, device: torch.device) -> Update:
    """The same update, recorded and replayed where that is quicker."""
    if device.type not in REPLAYED:
        return update
    leave_default_stream()
    return CudaGraphUpdate(update, batch_size)


def leave_default_stream() -> None:
    """Have what this thread gives the GPU to do in a stream of its own: in the default one nothing can be recorded."""
    torch.cuda.synchronize()
    torch.cuda.set_stream(torch.cuda.Stream())
