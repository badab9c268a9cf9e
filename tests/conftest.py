"""What tests share: where the real MNIST is, a mirror that serves it, and no way out to the network."""

import os

# before anything imports torch: tests run side by side, and threads of several would only wait for each other
os.environ.setdefault("OMP_NUM_THREADS", "1")
from collections.abc import Iterator
from pathlib import Path

import pytest
from mirror import Mirror, serve

from mnist_core import machine, paths
from mnist_core.datasets.mnist_checksums import FILES
from mnist_core.runs.run import Run

machine.set_openmp_wait_policy(os.environ)

CLOSED = "http://127.0.0.1:9/"  # nobody listens there


@pytest.fixture(scope="session", autouse=True)
def no_way_out() -> Iterator[None]:
    """Whatever asks for an address beyond this machine, in this process or one it starts, is refused at once."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
            patch.setenv(name, CLOSED)
        for name in ("no_proxy", "NO_PROXY"):
            patch.setenv(name, "127.0.0.1,localhost")
        yield


@pytest.fixture(scope="session")
def mnist_source() -> Path:
    """A folder with MNIST's four official files, packed; only to be read."""
    beside = Path(__file__).resolve().parents[2] / "shared" / "mnist"
    folder = Path(os.environ.get("MNIST_DATA") or beside).resolve()
    missing = [file.packed_name for file in FILES if not (folder / file.packed_name).is_file()]
    if missing:
        pytest.skip(
            f"{folder} has no {', '.join(missing)}: set MNIST_DATA to a folder with MNIST's four official files"
        )
    return folder


@pytest.fixture
def mnist_mirror(mnist_source: Path) -> Iterator[Mirror]:
    """A server on this machine with the real files; `behave` makes it misbehave."""
    with serve(mnist_source) as mirror:
        yield mirror


@pytest.fixture
def checkpoints(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this test's runs lie; no shipped ones among them."""
    folder = tmp_path / "checkpoints"
    monkeypatch.setenv("MNIST_CHECKPOINTS", str(folder))
    monkeypatch.setattr(paths, "shipped_folder", lambda: tmp_path / "shipped")
    return folder


@pytest.fixture(scope="session")
def small_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run trained and judged once for all tests, which only copy it (`small_runs.copy_run`)."""
    from small_runs import train_small_run  # imports torch, which most tests do without

    return train_small_run(tmp_path_factory.mktemp("trained"))


@pytest.fixture(scope="session")
def kept_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run of three epochs, all kept; trained once for all tests, which only copy it."""
    from small_runs import train_kept_run  # imports torch, which most tests do without

    return train_kept_run(tmp_path_factory.mktemp("kept"))
