"""What this machine can do."""

import ctypes
import importlib.util
import os
import platform
import sys
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import Any, Literal

from mnist_core.errors import ConfigError

Device = Literal["auto", "cpu", "cuda"]
Precision = Literal["auto", "float32", "bfloat16"]

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # glibc's malloc.h
KEPT_BYTES = 1 << 30
MAX_THREADS = 8  # batches of a few hundred small images do not feed more
# What a thread does at a barrier until the others come. If it only spins, a core that is busy elsewhere makes a
# training on two cores dozens of times slower; if it only sleeps, waking up takes up to half of a step. GNU's OpenMP,
# which torch brings on Linux, can spin for some ten microseconds first: nearly as quick as the one, nearly as sparing
# as the other (`python -m benchmarks.waiting`).
WAITING = {"OMP_WAIT_POLICY": "PASSIVE", "GOMP_SPINCOUNT": "1000"}


def choose_device(wanted: Device) -> Literal["cpu", "cuda"]:
    """`cpu` or `cuda`.

    Raises:
        ConfigError: if cuda is asked for and there is none.
    """
    import torch

    if wanted == "cuda" and not torch.cuda.is_available():
        raise ConfigError("device cuda was requested, but torch finds no GPU here; choose auto or cpu")
    return "cuda" if wanted == "cuda" or (wanted == "auto" and torch.cuda.is_available()) else "cpu"


def auto_device() -> str:
    """What `auto` comes to. Loads torch only where there is a GPU's driver to ask it about."""
    drivers = ("/proc/driver/nvidia/version", "/dev/dxg", "/dev/kfd", "C:/Windows/System32/nvcuda.dll")
    return choose_device("auto") if any(Path(driver).exists() for driver in drivers) else "cpu"


def choose_precision(wanted: Precision, device: str) -> Literal["float32", "bfloat16"]:
    """`float32` or `bfloat16`: for `auto` the faster one that trains as well.

    On a CPU that is bfloat16 where the processor multiplies it faster: with AMX, or with AVX-512's own instructions,
    which do twice as many a second as in float32 on a Zen 4, and half as many on a Xeon whose AMX is hidden from it.
    Elsewhere it is emulated in float32, and slower. `python -m benchmarks.speed` measures it for each network.
    It depends on the processor, not on timings, so that the same machine always makes the same choice and a run can be
    repeated bit for bit.
    """
    if wanted != "auto":
        return wanted
    if device == "cuda":
        import torch

        return "bfloat16" if torch.cuda.is_bf16_supported() else "float32"
    processor = _capabilities()
    doubles = processor.get("avx512_bf16") and "AMD" in str(processor.get("cpu_name"))
    return "bfloat16" if processor.get("amx_bf16") or doubles else "float32"


def set_openmp_wait_policy(environment: MutableMapping[str, str]) -> None:
    """Make waiting threads yield their cores soon, unless set otherwise. Call it before torch is imported."""
    for name, value in WAITING.items():
        environment.setdefault(name, value)


def worker_environment() -> dict[str, str]:
    """The environment of a process that trains."""
    return {**WAITING, **os.environ}


def choose_threads() -> int:
    """Threads of one training: what OMP_NUM_THREADS says; else every core it may use, at most `MAX_THREADS`.

    Safe beside a dashboard only because our waiting threads yield their cores (`WAITING`).
    """
    wanted = os.environ.get("OMP_NUM_THREADS", "")
    if wanted.isascii() and wanted.isdigit() and int(wanted) > 0:
        return int(wanted)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, MAX_THREADS)


def keep_freed_memory() -> None:
    """Have this process reuse the memory of freed tensors, where its C library is glibc; elsewhere nothing happens.

    By itself glibc gives the memory of a large tensor back at once and asks for it anew in the next step, zeroed page
    by page by the kernel: up to a third of a CNN's step. For processes that train: they may hold on to 1 GiB.
    """
    if platform.libc_ver()[0] == "glibc":
        libc = ctypes.CDLL(None)
        for option in (M_TRIM_THRESHOLD, M_MMAP_THRESHOLD):
            libc.mallopt(option, KEPT_BYTES)


def describe() -> str:
    """Processor, cores and system in one line."""
    return f"{processor_name()}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}"


def processor_name() -> str:
    return str(_capabilities().get("cpu_name") or platform.processor() or platform.machine())


def _capabilities() -> Mapping[str, Any]:
    import torch

    return torch.cpu.get_capabilities()


def load_torch_library() -> None:
    """Have the system load what most of `import torch` waits for, while other threads go on.

    Python lets no other thread run while it loads an extension's libraries: half a second for torch's 400 MB, in which
    a server answers nobody. A call through ctypes lets them. Where it cannot be done, the import does it.
    """
    package = importlib.util.find_spec("torch")
    if sys.platform != "linux" or package is None or package.origin is None:
        return
    library = Path(package.origin).parent / "lib" / "libtorch_cpu.so"
    ctypes.CDLL(None).dlopen(os.fsencode(library), os.RTLD_NOW)
