"""Arrows point one way: pages -> components -> core. Each test looks at what Python really imports."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
CORE = sorted((ROOT / "mnist_core").glob("*.py"))
PAGES = sorted((ROOT / "pages").rglob("*.py"))


def imported(path: Path) -> set[str]:
    """Every module a file imports, anywhere in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def loaded_after(code: str) -> set[str]:
    script = f"import sys\n{code}\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize("path", CORE, ids=lambda path: path.name)
def test_the_core_knows_nothing_of_pages(path):
    assert not {name for name in imported(path) if name.split(".")[0] in ("streamlit", "pages")}


@pytest.mark.parametrize("path", [p for p in PAGES if p.parent.name == "components"], ids=lambda path: path.name)
def test_components_do_not_import_pages(path):
    pages = {f"pages.{page.stem}" for page in (ROOT / "pages").glob("*.py")}
    assert not imported(path) & pages


def test_importing_the_core_brings_no_streamlit_and_no_torch():
    assert not {"streamlit", "torch"} & loaded_after("import mnist_core")


def test_what_pages_import_brings_no_torch():
    """The app is on screen in two seconds because torch is imported only when something is computed."""
    names = sorted({name for path in PAGES for name in imported(path) if name.startswith("mnist_core.")})
    needed_late = {"mnist_core.reading.predict", "mnist_core.runs.checkpoint"}  # imported inside functions
    modules = [name for name in names if (ROOT / (name.replace(".", "/") + ".py")).exists() and name not in needed_late]
    loaded = loaded_after("\n".join(f"import {name}" for name in modules))
    assert "mnist_core.runs.store" in loaded
    assert not {"torch", "torchvision", "sklearn"} & loaded


@pytest.mark.parametrize("path", [*CORE, *PAGES], ids=lambda path: path.stem)
def test_nothing_loads_pickles(path):
    text = path.read_text(encoding="utf8")
    for risky in ("pickle.load", "weights_only=False", "allow_pickle=True", "eval(", "exec("):
        found = text.replace("model.eval(", "").replace(".eval()", "")
        assert risky not in found, f"{path.name} has {risky}"
