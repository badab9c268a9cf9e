import platform
import resource
import subprocess
import sys

import pytest
import torch

from mnist_core import machine, paths


@pytest.mark.parametrize(
    ("capabilities", "precision"),
    [
        ({"cpu_name": "Intel Xeon", "amx_bf16": True, "avx512_bf16": True}, "bfloat16"),
        ({"cpu_name": "Intel Xeon", "amx_bf16": False, "avx512_bf16": True}, "float32"),  # half as fast there
        ({"cpu_name": "AMD EPYC 9R14", "amx_bf16": False, "avx512_bf16": True}, "bfloat16"),
        ({"cpu_name": "AMD EPYC 7R13", "amx_bf16": False, "avx512_bf16": False}, "float32"),
        ({}, "float32"),  # another architecture
    ],
)
def test_bfloat16_is_chosen_where_the_processor_multiplies_it_faster(monkeypatch, capabilities, precision):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: capabilities)
    assert machine.choose_precision("auto", "cpu") == precision


def test_a_precision_that_is_asked_for_is_not_questioned(monkeypatch):
    monkeypatch.setattr(torch.cpu, "get_capabilities", dict)
    assert machine.choose_precision("bfloat16", "cpu") == "bfloat16"


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc gives memory back at once")
def test_the_memory_of_freed_tensors_is_used_again_without_asking_the_kernel():
    machine.keep_freed_memory()
    megabytes = 16

    def page_faults() -> int:
        return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

    torch.ones(megabytes << 18)
    before = page_faults()
    for _ in range(20):
        torch.ones(megabytes << 18)
    assert page_faults() - before < 20 * (megabytes << 20) / 4096 / 2  # each would be as many as it has pages


def test_other_c_libraries_are_left_alone(monkeypatch):
    monkeypatch.setattr(platform, "libc_ver", lambda: ("", ""))
    asked: list[object] = []
    monkeypatch.setattr(machine.ctypes, "CDLL", asked.append)
    machine.keep_freed_memory()
    assert asked == []


PRELOAD = """
import sys
from pathlib import Path
from mnist_core import machine
machine.load_torch_library()
assert "torch" not in sys.modules
assert "libtorch_cpu.so" in Path("/proc/self/maps").read_text()
import torch
print(float((torch.ones(2, 3) @ torch.ones(3, 2)).sum()))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the import loads it")
def test_torch_works_as_ever_after_its_library_was_loaded_beside_other_threads() -> None:
    said = subprocess.run(
        [sys.executable, "-c", PRELOAD], cwd=paths.APP_FOLDER, capture_output=True, text=True, check=False
    )
    assert (said.stdout, said.stderr) == ("12.0\n", "")
