"""Several processes on one folder of runs, as two servers are: nothing is lost, and there is one order in the queue."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from small_runs import copy_run
from waiting import HANG_SECONDS, wait_for

from mnist_core import paths
from mnist_core.runs import evaluations, notes, store
from mnist_core.runs.run import Run, load_run
from mnist_core.runs.status import read_history, status_of

pytestmark = pytest.mark.long

# What a server does on its pages; each line it prints is a sentence that a visitor would have read.
SERVER = """
import json, sys
from mnist_core.datasets import registry
from mnist_core.errors import MnistError
from mnist_core.networks.config import ModelConfig
from mnist_core.runs import evaluations, notes, store
from mnist_core.training.config import TrainConfig
from mnist_core.workers import control, queue

me, shared, doomed, rounds = sys.argv[1], sys.argv[2], sys.argv[3].split(), int(sys.argv[4])

def tried(act):
    try:
        return act()
    except MnistError as error:
        print(json.dumps(str(error)), flush=True)

data = registry.load("digits")
run = store.find_run(shared)
print(json.dumps("ready"), flush=True)
sys.stdin.readline()
for number in range(rounds):
    tried(lambda: notes.change_notes(run, lambda there: there.tagged([f"{me}{number}"])))
    tried(lambda: evaluations.evaluate_run(run, "test" if number % 2 else "validation"))
    tried(lambda: store.rename_run(run, f"{me}{number}"))
    store.list_runs()
for run_id in doomed:
    tried(lambda: store.delete_run(store.find_folder(run_id)))
new = [store.create_run(data, ModelConfig("mlp", (8,)), TrainConfig(epochs=1, batch_size=64), name=me)]
for one in new:
    tried(lambda: control.start(one))
for one in [other for other in store.healthy_runs() if other.run_id != shared]:
    tried(lambda: control.start(one))  # the other server's too: each is to be trained once
    tried(lambda: queue.move_up(one.folder.parent, one.device, one.run_id))
    queue.waiting(one.folder.parent, one.device)
for child in control._children:
    child.wait()
"""


def test_two_servers_on_one_folder_lose_nothing_and_train_each_run_once(small_run: Run, checkpoints: Path) -> None:
    rounds = 4
    shared = copy_run(small_run, checkpoints)
    doomed = [copy_run(small_run, checkpoints, f"20200101-00000{n}-mlp-aaaa").run_id for n in range(6)]
    servers = [
        subprocess.Popen(
            [sys.executable, "-c", SERVER, me, shared.run_id, " ".join(doomed), str(rounds)],
            cwd=paths.APP_FOLDER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for me in ("a", "b")
    ]  # fmt: skip
    for server in servers:
        assert server.stdout is not None
        assert json.loads(server.stdout.readline()) == "ready"
    for server in servers:
        assert server.stdin is not None
        server.stdin.write("go\n")
        server.stdin.flush()
    said = []
    for server in servers:
        out, errors = server.communicate(timeout=2 * HANG_SECONDS)
        assert (server.returncode, errors) == (0, "")
        said += [json.loads(line) for line in out.splitlines()]
    assert all(is_expected(sentence) for sentence in said), said

    assert set(notes.load_notes(shared).tags) == {f"{me}{number}" for me in "ab" for number in range(rounds)}
    assert evaluations.times_taken(shared, "test") == 2 * (rounds // 2)
    assert evaluations.times_taken(shared, "validation") == 2 * (rounds - rounds // 2)
    for split in ("test", "validation"):
        assert evaluations.load_evaluation(shared, split) is not None
    assert load_run(shared.folder).name == f"{'a' if load_run(shared.folder).name[0] == 'a' else 'b'}{rounds - 1}"

    runs = [run for run in store.list_runs() if run.run_id != shared.run_id]
    assert len(runs) == 2  # and nothing damaged, nor any of those that were deleted
    for run in runs:
        assert isinstance(run, Run)
        wait_for(lambda run=run: status_of(run) == "finished", "both servers' runs")
        history = read_history(run)
        assert history.step == list(range(1, history.total_steps + 1))
        lines = (run.folder / "history.jsonl").read_text().splitlines()
        assert [json.loads(line)["event"] for line in lines].count("started") == 1
        assert "Traceback" not in (run.folder / "worker.log").read_text()
    assert not [path for path in checkpoints.iterdir() if path.name.startswith(".deleted")]
    assert not list((checkpoints / ".line-cpu").glob("*-*-*"))  # all have left


def is_expected(sentence: str) -> bool:
    """What a person is told who comes a moment after another."""
    known = ("already being trained", "has finished all its epochs", "no longer exists", "there is no run")
    return any(part in sentence for part in (*known, "not waiting in the queue any more"))
