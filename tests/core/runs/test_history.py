import json
from pathlib import Path

import pytest

from mnist_core.runs.events import Step
from mnist_core.runs.history import HistoryReader, HistoryWriter
from mnist_core.types import EpochEnd, StepEnd


def begin(writer: HistoryWriter, *, step: int = 0, epochs_done: int = 0, resumed: bool = False) -> None:
    name = "resumed" if resumed else "started"
    writer.write(name, pid=1, host="here", step=step, epochs_done=epochs_done, epochs=3, steps_per_epoch=2)


def step(n: int, loss: float = 1.0) -> StepEnd:
    return StepEnd(epoch=(n + 1) // 2, step=n, loss=loss, accuracy=0.5, learning_rate=0.1, images=8)


def epoch(n: int, accuracy: float = 0.9) -> EpochEnd:
    return EpochEnd(n, 2 * n, 0.3, 0.8, 0.2, accuracy)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "history.jsonl"


@pytest.fixture
def writer(path: Path):
    writer = HistoryWriter(path, elapsed=0.0)
    yield writer
    writer.close()


def test_what_is_written_is_read_back(path, writer):
    begin(writer)
    for event in (step(1), step(2, loss=0.5), epoch(1)):
        writer.record(event)
    writer.write("finished")
    history = HistoryReader(path).read()
    assert history.step == [1, 2]
    assert history.step_loss == [1.0, 0.5]
    assert history.epochs == [epoch(1)]
    assert (history.last_event, history.total_steps, history.pid, history.host) == ("finished", 6, 1, "here")
    assert history.elapsed_seconds >= history.step_seconds[0] >= 0


def test_a_reader_takes_in_only_what_is_new(path, writer):
    reader = HistoryReader(path)
    begin(writer)
    writer.record(step(1))
    assert reader.read().step == [1]
    writer.record(step(2))
    assert reader.read().step == [1, 2]
    assert reader.read().step == [1, 2]


def test_what_was_read_holds_still_while_the_history_grows_and_loses_steps(path, writer):
    reader = HistoryReader(path)
    begin(writer)
    for event in (step(1), step(2), epoch(1), step(3)):
        writer.record(event)
    before = reader.read()
    begin(writer, step=1, epochs_done=0, resumed=True)
    writer.record(step(2, loss=0.5))
    after = reader.read()
    assert (before.step, before.step_loss, before.epochs) == ([1, 2, 3], [1.0, 1.0, 1.0], [epoch(1)])
    assert (after.step, after.step_loss, after.epochs) == ([1, 2], [1.0, 0.5], [])


def test_a_torn_last_line_waits_until_it_is_whole(path, writer):
    begin(writer)
    writer.record(step(1))
    whole = path.read_bytes()
    line = json.dumps({"event": "step", "time": 1.0, "elapsed": 2.0, **vars(step(2))}).encode()
    reader = HistoryReader(path)
    path.write_bytes(whole + line[:20])
    assert reader.read().step == [1]
    with path.open("ab") as file:
        file.write(line[20:] + b"\n")
    assert reader.read().step == [1, 2]


def test_a_torn_line_left_by_a_killed_worker_is_dropped_by_the_next(path, writer):
    begin(writer)
    writer.record(step(1))
    writer.close()
    with path.open("ab") as file:
        file.write(b'{"event":"st')
    second = HistoryWriter(path, elapsed=0.0)
    begin(second, step=1, resumed=True)
    second.record(step(2))
    second.close()
    history = HistoryReader(path).read()
    assert history.step == [1, 2]
    assert history.damaged_lines == 0


def test_steps_lost_with_a_killed_worker_and_made_again_count_once(path, writer):
    begin(writer)
    for event in (step(1), step(2), epoch(1), step(3), step(4), epoch(2)):
        writer.record(event)
    begin(writer, step=3, epochs_done=1, resumed=True)
    assert HistoryReader(path).read().step == [1, 2, 3]
    assert HistoryReader(path).read().epochs == [epoch(1)]
    for event in (step(4), epoch(2)):
        writer.record(event)
    history = HistoryReader(path).read()
    assert history.step == [1, 2, 3, 4]
    assert history.epochs == [epoch(1), epoch(2)]
    assert len(history.step_seconds) == len(history.step_images) == 4


def test_a_state_saved_between_an_epochs_last_step_and_its_end_keeps_the_step_only(path, writer):
    begin(writer)
    for event in (step(1), step(2), epoch(1)):
        writer.record(event)
    begin(writer, step=2, epochs_done=0, resumed=True)
    history = HistoryReader(path).read()
    assert history.step == [1, 2]
    assert history.epochs == []


@pytest.mark.parametrize(
    "line",
    [b"nonsense", b"[]", b"{}", b'{"event":"step"}', b'{"event":"party","elapsed":0,"time":0}', b"\xff\xfe", b"null"],
)
def test_damaged_lines_are_counted_and_the_others_read(path, writer, line):
    begin(writer)
    with path.open("ab") as file:
        file.write(line + b"\n")
    writer.record(step(1))
    history = HistoryReader(path).read()
    assert history.step == [1]
    assert history.damaged_lines == 1


def test_a_missing_file_is_an_empty_history(path):
    history = HistoryReader(path).read()
    assert history.step == []
    assert history.last_event is None


def test_a_file_that_was_replaced_is_read_anew(path, writer):
    reader = HistoryReader(path)
    begin(writer)
    writer.record(step(1))
    reader.read()
    path.write_bytes(b"")
    assert reader.read().step == []


def test_the_clock_goes_on_where_it_stopped(path):
    writer = HistoryWriter(path, elapsed=100.0)
    writer.record(step(1))
    writer.close()
    assert 100.0 <= HistoryReader(path).read().elapsed_seconds < 110.0


def test_an_infinite_loss_never_enters_the_file(path, writer):
    with pytest.raises(ValueError, match="Out of range"):
        writer.record(step(1, loss=float("inf")))
    assert path.read_bytes() == b""


def test_speed_is_images_by_the_seconds_between_steps(path, writer):
    reader = HistoryReader(path)
    assert reader.read().images_per_second() is None
    history = reader.read()
    for n in range(1, 5):
        history.add(Step(time=0, elapsed=n * 0.5, step=n, loss=2.0, accuracy=0.5, learning_rate=0.1, images=8))
    assert history.images_per_second() == pytest.approx(16.0)


def test_the_best_epoch_is_the_first_of_the_highest_validation_accuracy(path, writer):
    for event in (epoch(1, 0.9), epoch(2, 0.95), epoch(3, 0.95)):
        writer.record(event)
    assert HistoryReader(path).read().best.epoch == 2


def test_epochs_from_before_dead_units_were_measured_are_read(path, writer):
    begin(writer)
    writer.record(epoch(1))
    old = path.read_text().replace(',"dead_units":null', "")
    assert "dead_units" not in old
    path.write_text(old)
    history = HistoryReader(path).read()
    assert history.epochs == [epoch(1)]
    assert history.damaged_lines == 0


@pytest.mark.parametrize("value", ["null", '"many"', "[]", "true"])
def test_a_step_whose_value_is_no_number_does_not_take_its_neighbours_with_it(path, writer, value):
    begin(writer)
    writer.record(step(1))
    with path.open("ab") as file:
        file.write(json.dumps({"event": "step", "time": 1, "elapsed": 2, **vars(step(2))}).encode() + b"\n")
        file.write(
            b'{"event":"step","time":1,"elapsed":2,"step":3,"loss":%s,"accuracy":1,"learning_rate":1,"images":8}\n'
            % value.encode()
        )
    writer.record(step(3))
    history = HistoryReader(path).read()
    assert history.step == [1, 2, 3]
    assert history.damaged_lines == 1


def test_lines_that_would_only_make_sense_together_are_damaged_lines(path, writer):
    begin(writer)
    with path.open("ab") as file:
        file.write(b'{"event":"step"\n"step":1}\n')
    writer.record(step(1))
    history = HistoryReader(path).read()
    assert (list(history.step), history.damaged_lines) == ([1], 2)
