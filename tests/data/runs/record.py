"""Makes the runs of an earlier version beside this file, with that version's own code.

    git worktree add --detach /tmp/0.3.0 6e346a3      # 0.1.0: d77d7f2, 0.2.0: 272063c
    python tests/data/runs/record.py 0.3.0 /tmp/0.3.0

`answers.json` holds what that version said of them: the JSON of its verbs, and probabilities of twenty test images.
`command_line.json` holds the options of its verbs. Nothing here is imported by a test.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
PICTURES = HERE / "pictures"
SETTINGS = (
    *("--data", "digits", "--model", "mlp", "--hidden", "2", "--batch-size", "128", "--learning-rate", "0.03"),
    *("--precision", "float32", "--augment", "light", "--dropout", "0.1"),
)

# Run inside the old checkout.
PROBABILITIES = """
import json, sys
from mnist_core import data, runs
from mnist_core.predict import probabilities_of
images = data.load("digits").test.images[:20]
model = runs.load_model(runs.find_run(sys.argv[1]))
print(json.dumps([[round(float(p), 7) for p in row] for row in probabilities_of(model, images)]))
"""
OPTIONS = """
import argparse, json
from mnist_core.__main__ import _parser
verbs = next(a for a in _parser()._actions if isinstance(a, argparse._SubParsersAction)).choices
print(json.dumps({
    verb: [
        {"option": "/".join(a.option_strings) or a.dest, "takes_value": a.nargs != 0, "choices": list(a.choices or ())}
        for a in parser._actions if a.dest != "help"
    ]
    for verb, parser in verbs.items()
}))
"""


class Checkout:
    """An earlier version, asked by its command line."""

    def __init__(self, folder: Path, checkpoints: Path) -> None:
        self.folder = folder
        self.environment = {
            **os.environ, "MNIST_CHECKPOINTS": str(checkpoints), "MNIST_HANDWRITING": str(PICTURES),
            "MNIST_DATA": str(checkpoints / "no-mnist"), "OMP_NUM_THREADS": "1",
        }  # fmt: skip

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, *arguments], cwd=self.folder, env=self.environment, stdout=subprocess.PIPE, text=True
        )

    def ask(self, *arguments: str) -> Any:
        process = self.start(*arguments)
        answer, _ = process.communicate()
        if process.returncode:
            raise SystemExit(f"{arguments} ended with {process.returncode}")
        return json.loads(answer)

    def verb(self, *arguments: str) -> Any:
        return self.ask("-m", "mnist_core", *arguments, "--json")


def stopped_training(version: Checkout, checkpoints: Path, *options: str) -> Any:
    """Train until the first epoch is on disk, then say stop as a terminal would."""
    there = set(checkpoints.iterdir())
    process = version.start("-m", "mnist_core", "train", *SETTINGS, *options, "--json")
    while process.poll() is None:
        histories = [f / "history.jsonl" for f in checkpoints.iterdir() if f not in there]
        if any(h.exists() and '"event":"epoch"' in h.read_text() for h in histories):
            process.send_signal(signal.SIGTERM)
            break
        time.sleep(0.001)
    answer = json.loads(process.communicate()[0])
    if answer["status"] != "stopped":
        raise SystemExit(f"it was not stopped in time: {answer}")
    return answer


def main(name: str, folder: Path) -> None:
    checkpoints = HERE / name
    shutil.rmtree(checkpoints, ignore_errors=True)
    checkpoints.mkdir()
    version = Checkout(folder.resolve(), checkpoints)
    options = version.ask("-c", OPTIONS)
    (checkpoints / "command_line.json").write_text(json.dumps(options, indent=1) + "\n")

    keep = ["--keep-epochs"] if any(o["option"] == "--keep-epochs" for o in options["train"]) else []
    stopped = stopped_training(version, checkpoints, "--epochs", "5", "--seed", "1", "--name", "Whole", *keep)
    whole = stopped["run_id"]
    answers: dict[str, Any] = {"train": stopped, "resume": version.verb("resume", whole)}
    if "extend" in options:
        answers["extend"] = version.verb("extend", whole, "1")
    if "note" in options:
        answers["note"] = version.verb("note", whole, "Two hidden units", "--tag", "small", "--tag", "first")
    answers["evaluate"] = {split: version.verb("evaluate", whole, "--split", split) for split in ("test", "validation")}
    half = stopped_training(version, checkpoints, "--epochs", "5", "--seed", "2", "--name", "Half")["run_id"]
    if "teach" in options:
        answers["teach"] = version.verb("teach", whole)
    own = [row for row in version.verb("runs") if (checkpoints / row["run_id"]).is_dir()]  # not those it comes with
    answers["runs"] = own
    predicted = version.verb("predict", "--run", whole, str(PICTURES))
    number = version.verb("predict", "--run", whole, "--number", str(PICTURES / "7"))
    for row in predicted["predictions"] + number["predictions"]:
        row["file"] = str(Path(row["file"]).relative_to(PICTURES))
    answers |= {"predict": predicted, "predict --number": number, "data": version.verb("data")}
    answers["probabilities"] = {row["run_id"]: version.ask("-c", PROBABILITIES, row["run_id"]) for row in own}
    answers["elsewhere"] = _elsewhere(folder.resolve(), checkpoints, whole=whole, half=half, verbs=options)
    shutil.rmtree(checkpoints / ".line-cpu")
    lines = [f"{json.dumps(name)}: {json.dumps(answer)}" for name, answer in answers.items()]
    (checkpoints / "answers.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")


def _elsewhere(folder: Path, checkpoints: Path, *, whole: str, half: str, verbs: Any) -> dict[str, Any]:
    """What that version says of copies of its runs, which it changes: verbs that leave a run another one."""
    with tempfile.TemporaryDirectory() as beside:
        for run_id in (whole, half):
            shutil.copytree(checkpoints / run_id, Path(beside) / run_id)
        version = Checkout(folder, Path(beside))
        said = {"resume": version.verb("resume", half), "probabilities": version.ask("-c", PROBABILITIES, half)}
        if "card" in verbs:
            said["card"] = version.verb("card", whole, "--output", str(Path(beside) / "card.html"))
        if "repeat" in verbs:
            said["repeat"] = version.verb("repeat", whole)
        if "restore" in verbs:
            (Path(beside) / whole / "weights.safetensors").write_bytes(b"{")
            said["restore"] = version.verb("restore", whole)
        return said


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
