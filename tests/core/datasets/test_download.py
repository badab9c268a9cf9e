"""MNIST from servers on this machine that serve it well or badly."""

import hashlib
import importlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from mirror import Behaviour, Mirror, serve
from waiting import HANG_SECONDS, wait_for

from mnist_core.datasets import download as downloading
from mnist_core.datasets import fetch_process, registry, torchvision_import
from mnist_core.datasets.download import download
from mnist_core.datasets.fetch_process import Fetcher
from mnist_core.datasets.mnist_checksums import FILES, TORCHVISION_FOLDER, TOTAL_BYTES, TRAIN_IMAGES, TRAIN_LABELS
from mnist_core.errors import DatasetError

TORCHVISIONS_MIRRORS = downloading.MIRRORS  # before a fixture takes them away
CLOSED = "http://127.0.0.1:9/"  # nobody listens there
pytestmark = pytest.mark.long  # the process that fetches imports torchvision
COMPLETE = {str(TORCHVISION_FOLDER / file.packed_name) for file in FILES} | {".download.lock"}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder, not there yet; and no mirrors but those a test names."""
    folder = tmp_path / "data"
    monkeypatch.setenv("MNIST_DATA", str(folder))
    monkeypatch.delenv("MNIST_MIRROR", raising=False)
    monkeypatch.setattr(downloading, "MIRRORS", (CLOSED,))
    return folder


@pytest.fixture
def new_mirror(mnist_source: Path) -> Iterator[Callable[[], Mirror]]:
    """Starts as many servers as a test asks for."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(serve(mnist_source))


def files_in(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def is_stalled_at_labels(mirror: Mirror) -> bool:
    """torchvision asks twice for each file: to see whether it is sent elsewhere, then for the file."""
    return mirror.asked_for.count(TRAIN_LABELS.packed_name) == 2


def arrived(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.glob(".download/*/MNIST/raw/*.gz"))


def start_download_elsewhere(mirror: Mirror) -> subprocess.Popen[bytes]:
    """A process of its own that downloads into the same data folder."""
    return subprocess.Popen(
        [sys.executable, "-c", "from mnist_core.datasets.download import download; download()"],
        env={**os.environ, "MNIST_MIRROR": mirror.url, "PYTHONPATH": os.pathsep.join(sys.path)},
    )


def test_ones_own_mirror_is_asked_first_and_after_a_refusal_the_next_which_fills_the_folder_in_torchvisions_layout(
    folder: Path,
    new_mirror: Callable[[], Mirror],
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    own, first, second = new_mirror(), new_mirror(), new_mirror()
    own.behave("forbidden")
    monkeypatch.setenv("MNIST_MIRROR", own.url.rstrip("/"))
    monkeypatch.setattr(downloading, "MIRRORS", (first.url, second.url))
    raw = folder / TORCHVISION_FOLDER
    raw.mkdir(parents=True)
    (raw / TRAIN_IMAGES.packed_name).write_bytes(b"half")
    assert not registry.is_available("mnist")
    assert download() == folder
    assert files_in(folder) == COMPLETE
    assert own.asked_for
    assert first.asked_for
    assert not second.asked_for
    assert registry.is_available("mnist")
    for file in FILES:
        content = (raw / file.packed_name).read_bytes()
        assert hashlib.md5(content).hexdigest() == file.packed_md5
    assert capfd.readouterr() == ("", "")


def test_progress_never_falls_when_a_wrong_file_is_fetched_again_and_ends_at_the_total(
    new_mirror: Callable[[], Mirror], monkeypatch: pytest.MonkeyPatch
) -> None:
    spoiled, good = new_mirror(), new_mirror()
    spoiled.behave("altered", for_file=TRAIN_LABELS.packed_name)
    good.behave("stalled", for_file=TRAIN_LABELS.packed_name)  # where a file begins again that had come in full
    monkeypatch.setattr(downloading, "MIRRORS", (spoiled.url, good.url))
    seen: list[tuple[int, int]] = []

    def watch(done: int, total: int) -> None:
        seen.append((done, total))
        if is_stalled_at_labels(good):
            good.go_on.set()

    download(on_progress=watch)
    half_way = TRAIN_IMAGES.packed_size + TRAIN_LABELS.packed_size
    assert seen[0] == (0, TOTAL_BYTES)
    assert (half_way, TOTAL_BYTES) in seen
    assert seen[-1] == (TOTAL_BYTES, TOTAL_BYTES)
    assert seen == sorted(seen)
    assert TRAIN_IMAGES.packed_name not in good.asked_for  # what the first mirror served well is kept


def test_without_a_network_the_error_says_what_was_tried_and_how_to_go_on(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(downloading, "MIRRORS", (CLOSED, f"{CLOSED}other/"))
    with pytest.raises(DatasetError) as caught:
        download()
    sentence = str(caught.value)
    assert f"{CLOSED}: Connection refused; {CLOSED}other/: Connection refused" in sentence
    for way in (*(file.packed_name for file in FILES), str(folder), "MNIST_DATA", "MNIST_MIRROR", "digits"):
        assert way in sentence
    assert "\n" not in sentence
    assert files_in(folder) == {".download.lock"}


@pytest.fixture(scope="module")
def fetcher(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fetcher]:
    """The process that fetches, at work for several tests and not patient with any."""
    with Fetcher(tmp_path_factory.mktemp("fetched"), patience_seconds=1.0) as fetcher:
        yield fetcher


@pytest.mark.parametrize(
    ("behaviour", "said"),
    [
        ("forbidden", "HTTP Error 403: Forbidden"),
        ("truncated", f"sent an incorrect {TRAIN_IMAGES.packed_name}: expected 9,912,422 bytes, found 4,956,211"),
        (
            "altered",
            f"sent an incorrect {TRAIN_IMAGES.packed_name}: expected the MD5 checksum {TRAIN_IMAGES.packed_md5}",
        ),
        ("reset", "Connection reset by peer"),
        ("silent", "timed out"),
        ("stalled", "timed out"),
        ("endless", "sent more bytes than the file has"),
    ],
)
def test_a_bad_mirror_is_reported_in_plain_words(
    fetcher: Fetcher, mnist_mirror: Mirror, behaviour: Behaviour, said: str
) -> None:
    mnist_mirror.behave(behaviour)
    answer = fetcher.fetch(mnist_mirror.url, while_waiting=int)
    assert answer.error is not None
    assert answer.error.startswith(said)
    assert not answer.is_final


@pytest.mark.parametrize("address", ["not an address", "ftp//nowhere", "http://127.0.0.1:no-port/", "http://[half/"])
def test_what_is_no_address_is_reported_like_any_bad_mirror(fetcher: Fetcher, address: str) -> None:
    answer = fetcher.fetch(address, while_waiting=int)
    assert answer.error
    assert not answer.is_final


def test_a_download_ended_by_its_caller_leaves_nothing_and_no_process(
    folder: Path, mnist_mirror: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    mnist_mirror.behave("stalled", for_file=TRAIN_LABELS.packed_name)
    monkeypatch.setattr(downloading, "MIRRORS", (mnist_mirror.url,))

    def stop_half_way(done: int, total: int) -> None:
        if is_stalled_at_labels(mnist_mirror):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        download(on_progress=stop_half_way)
    assert files_in(folder) == {".download.lock"}
    assert not registry.is_available("mnist")
    wait_for(lambda: mnist_mirror.abandoned.count(TRAIN_LABELS.packed_name) == 2, "the process's end")


def test_a_killed_download_takes_its_process_along_and_the_next_one_cleans_up_and_replaces_what_is_damaged(
    folder: Path, mnist_mirror: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    mnist_mirror.behave("stalled", for_file=TRAIN_LABELS.packed_name)
    with start_download_elsewhere(mnist_mirror) as elsewhere:
        wait_for(lambda: is_stalled_at_labels(mnist_mirror), "the stall")
        elsewhere.kill()
    wait_for(lambda: mnist_mirror.abandoned.count(TRAIN_LABELS.packed_name) == 2, "the process's end")
    assert not registry.is_available("mnist")
    with pytest.raises(DatasetError):
        registry.load("mnist")
    mnist_mirror.behave("good", for_file=TRAIN_LABELS.packed_name)
    monkeypatch.setattr(downloading, "MIRRORS", (mnist_mirror.url,))
    raw = folder / TORCHVISION_FOLDER
    raw.mkdir(parents=True)
    for file in FILES:
        (raw / file.name).write_bytes(b"")  # torchvision would believe these
    download()
    assert files_in(folder) == COMPLETE | {str(TORCHVISION_FOLDER / file.name) for file in FILES}
    assert len(registry.load("mnist").test) == 10_000


def test_a_second_download_watches_the_first_and_fetches_nothing_itself(folder: Path, mnist_mirror: Mirror) -> None:
    mnist_mirror.behave("stalled", for_file=TRAIN_LABELS.packed_name)
    seen = []

    def watch(done: int, total: int) -> None:
        seen.append(done)
        if done >= TRAIN_IMAGES.packed_size:
            mnist_mirror.go_on.set()

    with start_download_elsewhere(mnist_mirror) as elsewhere:
        wait_for(lambda: arrived(folder), "the first bytes")
        download(on_progress=watch)  # its only mirror is closed
        assert elsewhere.wait(HANG_SECONDS) == 0
    assert seen == sorted(seen)
    assert files_in(folder) == COMPLETE


def test_what_is_there_already_is_not_fetched_and_its_folder_not_touched(
    mnist_source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MNIST_DATA", str(mnist_source))
    before = sorted((path.name, path.stat().st_mtime_ns) for path in (mnist_source, *mnist_source.iterdir()))
    seen = []
    assert download(on_progress=lambda done, total: seen.append((done, total))) == mnist_source
    assert seen == [(0, TOTAL_BYTES), (TOTAL_BYTES, TOTAL_BYTES)]
    assert before == sorted((path.name, path.stat().st_mtime_ns) for path in (mnist_source, *mnist_source.iterdir()))


def test_a_full_disk_is_said_at_once_and_no_other_mirror_is_asked(
    folder: Path, mnist_mirror: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("needs /dev/full, a device that is always full")
    monkeypatch.setattr(downloading, "MIRRORS", (mnist_mirror.url, CLOSED))

    def fill_the_disk(done: int, total: int) -> None:
        for workshop in folder.glob(".download/*"):
            place = workshop / TORCHVISION_FOLDER / TRAIN_IMAGES.packed_name
            if not place.is_symlink():
                place.parent.mkdir(parents=True, exist_ok=True)
                place.symlink_to("/dev/full")

    with pytest.raises(
        DatasetError, match=r"cannot be written to the data folder: No space left on device; .* 70 MB free"
    ) as caught:
        download(on_progress=fill_the_disk)
    assert CLOSED not in str(caught.value)
    assert files_in(folder) == {".download.lock"}


def test_a_data_folder_that_cannot_be_written_is_said_before_anything_is_fetched(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if not Path("/sys").exists():
        pytest.skip("needs /sys, where not even root may make folders")
    monkeypatch.setenv("MNIST_DATA", "/sys/mnist")
    with pytest.raises(DatasetError, match=r"the files cannot be written to the data folder: .* must be writable"):
        download()


def test_a_fetching_process_that_ends_by_itself_is_said_with_its_last_words(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch_process, "COMMAND", (sys.executable, "-c", "raise SystemExit('no torchvision here')"))
    with pytest.raises(DatasetError, match="the download process ended unexpectedly: no torchvision here"):
        download()


def test_mirrors_are_torchvisions_own_in_its_order() -> None:
    assert list(TORCHVISIONS_MIRRORS) == torchvision_import.torchvision_datasets().MNIST.mirrors


def test_only_the_missing_operators_are_declared_for_torchvision(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(name: str) -> None:
        raise RuntimeError("something else is wrong")

    monkeypatch.setattr(importlib, "import_module", fail)
    declared = list(torchvision_import._declared)
    with pytest.raises(RuntimeError, match="something else is wrong"):
        torchvision_import.torchvision_datasets()
    assert torchvision_import._declared == declared
