"""What it takes to import what a page or a worker needs, by module: part of `python -m benchmarks.startup`."""

import ast
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

from benchmarks.medians import summary
from mnist_core.paths import APP_FOLDER

OURS = ("mnist_core", "pages", "benchmarks")  # told module by module; of others whole packages
TOP = 15
LINE = re.compile(r"import time:\s+(\d+) \|\s+\d+ \| *(\S+)")
CODE = {
    "page home": ("streamlit_app.py", "pages/_router.py", "pages/home.py"),
    "page train": ("streamlit_app.py", "pages/_router.py", "pages/train.py"),
}
WORKER = "import mnist_core.workers.trainer"


def measure_imports(starts: int) -> dict[str, dict[str, object]]:
    """For each page and the worker: seconds in all, and of the modules that take the most, medians of a few starts."""
    codes = {name: "\n".join(map(imports_of, files)) for name, files in CODE.items()} | {"worker": WORKER}
    result: dict[str, dict[str, object]] = {}
    for name, code in codes.items():
        found = [seconds_of(code) for _ in range(starts)]
        modules = {module: summary([times.get(module, 0.0) for times in found]) for module in found[0]}
        longest = sorted(modules, key=lambda module: -modules[module]["median"])[:TOP]
        result[name] = {
            "seconds": summary([sum(times.values()) for times in found]),
            "longest": {module: modules[module] for module in longest},
        }
    return result


def imports_of(file: str) -> str:
    """The import statements at the top level of a file of the app."""
    tree = ast.parse((APP_FOLDER / file).read_text(encoding="utf8"))
    return "\n".join(ast.unparse(node) for node in tree.body if isinstance(node, (ast.Import, ast.ImportFrom)))


def seconds_of(code: str, *, folder: Path = APP_FOLDER) -> dict[str, float]:
    """Import seconds by module of ours, and by package of others, without what they import in turn."""
    command = [sys.executable, "-X", "importtime", "-c", code]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=folder)
    return by_module(done.stderr)


def by_module(told: str) -> dict[str, float]:
    """Sum up what `-X importtime` tells."""
    seconds: dict[str, float] = defaultdict(float)
    for microseconds, module in LINE.findall(told):
        package = module.partition(".")[0]
        seconds[module if package in OURS else package] += int(microseconds) / 1e6
    return dict(seconds)
