"""Pages without a browser: a place of its own for each test's runs, and runs to put there."""

from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path

import pytest
from small_runs import copy_run
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest
from waiting import HANG_SECONDS

from mnist_core import paths
from mnist_core.runs.run import Run

ROUTER = paths.APP_FOLDER / "pages" / "_router.py"


@pytest.fixture(scope="session", autouse=True)
def installed_packages_are_searched_once() -> Iterator[None]:
    """AppTest reads the metadata of every installed package, in search of components, before each run of a script."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests))
        yield


@pytest.fixture
def checkpoints(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this test's runs lie; no shipped ones among them, and nobody's handwriting."""
    folder = tmp_path / "checkpoints"
    monkeypatch.setenv("MNIST_CHECKPOINTS", str(folder))
    monkeypatch.setenv("MNIST_HANDWRITING", str(tmp_path / "handwriting"))
    monkeypatch.setattr(paths, "shipped_folder", lambda: tmp_path / "shipped")
    return folder


@pytest.fixture
def add_run(small_run: Run, checkpoints: Path) -> Callable[..., Run]:
    """Puts a trained run among this test's: `add_run(run_id, judged=True, name="wide")`; see `small_runs.copy_run`."""
    return partial(copy_run, small_run, checkpoints)


@pytest.fixture
def trained_run(add_run: Callable[..., Run]) -> Run:
    """A finished run on `digits` that has never been judged."""
    return add_run()


@pytest.fixture
def evaluated_run(add_run: Callable[..., Run]) -> Run:
    """A finished run on `digits`, judged once on test and once on validation."""
    return add_run(judged=True)


@pytest.fixture
def no_mnist(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """MNIST is not on this machine."""
    monkeypatch.setenv("MNIST_DATA", str(tmp_path / "no-data"))


@pytest.fixture
def open_page(checkpoints: Path) -> Callable[..., AppTest]:
    """Opens a page as the browser does, from its address: `open_page("evaluate", run=..., cell="3-5")`."""

    def open_page(page: str, /, **address: str) -> AppTest:
        at = AppTest.from_file(str(ROUTER), default_timeout=HANG_SECONDS)
        at.switch_page(f"{page}.py")
        for name, value in address.items():
            at.query_params[name] = value
        at.run()
        assert not at.exception
        return at

    return open_page
