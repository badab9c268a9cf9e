"""torchvision, imported in the one way that also works beside a CPU build of torch.

The registry's torchvision carries compiled operators that want CUDA libraries. Where those are missing, its Python side
stops at declaring what two of them return (`operator torchvision::nms does not exist`). Nothing we use needs these
operators, so their names are declared first; calling one would still fail, and say so.
"""

import importlib
from types import ModuleType
from typing import Any

_SCHEMAS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)
_declared: list[Any] = []  # torch takes a declaration back when its library object is gone


def torchvision_datasets() -> ModuleType:
    """`torchvision.datasets`, whichever build of torch lies beside it."""
    try:
        return importlib.import_module("torchvision.datasets")
    except RuntimeError as error:
        if "operator torchvision::" not in str(error):
            raise
    _declare_operators()
    return importlib.import_module("torchvision.datasets")


def _declare_operators() -> None:
    from torch.library import Library

    library = Library("torchvision", "DEF")
    for schema in _SCHEMAS:
        library.define(schema)
    _declared.append(library)
