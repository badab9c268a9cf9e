"""What this machine can do, asked of the machine."""

import os
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mnist_core.config import Device, Precision
from mnist_core.errors import ConfigError

MOST_THREADS = 8  # batches of a few hundred small images do not feed more


def choose_device(wanted: Device) -> str:
    """`cpu` or `cuda`.

    Raises:
        ConfigError: if cuda is asked for and there is none.
    """
    import torch

    if wanted == "cuda" and not torch.cuda.is_available():
        raise ConfigError("device cuda was asked for, but torch finds no GPU here; choose auto or cpu")
    return "cuda" if wanted == "cuda" or (wanted == "auto" and torch.cuda.is_available()) else "cpu"


def auto_device() -> str:
    """What `auto` comes to. Loads torch only where there is a GPU's driver to ask it about."""
    drivers = ("/proc/driver/nvidia/version", "/dev/dxg", "/dev/kfd", "C:/Windows/System32/nvcuda.dll")
    return choose_device("auto") if any(Path(driver).exists() for driver in drivers) else "cpu"


def choose_precision(wanted: Precision, device: str) -> str:
    """`float32` or `bfloat16`: for `auto` the faster one that trains as well.

    On a CPU that is bfloat16 only where AMX multiplies it; elsewhere convolutions in it can be slower than in float32.
    """
    if wanted != "auto":
        return wanted
    if device == "cuda":
        import torch

        return "bfloat16" if torch.cuda.is_bf16_supported() else "float32"
    return "bfloat16" if _capabilities().get("amx_bf16") else "float32"


def choose_threads() -> int:
    """Threads of one training: what OMP_NUM_THREADS says; else every core it may use, at most `MOST_THREADS`.

    Safe beside a dashboard only because workers start with OMP_WAIT_POLICY=PASSIVE (see `worker.environment`).
    """
    wanted = os.environ.get("OMP_NUM_THREADS", "")
    if wanted.isascii() and wanted.isdigit() and int(wanted) > 0:
        return int(wanted)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, MOST_THREADS)


def describe() -> str:
    """Processor, cores and system in one line."""
    return f"{processor_name()}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}"


def processor_name() -> str:
    return str(_capabilities().get("cpu_name") or platform.processor() or platform.machine())


def _capabilities() -> Mapping[str, Any]:
    import torch

    return torch.cpu.get_capabilities()
