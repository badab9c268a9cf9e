"""How threads should wait for each other: `python -m benchmarks.waiting [--json]`.

An MLP and a CNN train with threads that wait in different ways, and with one thread, in turns: on a quiet machine, and
while another program keeps one core busy all the time. What counts is the time of a step. `ours` is `machine.WAITING`.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

from benchmarks.medians import load, summary
from benchmarks.speed import machine_line
from mnist_core.machine import WAITING

WAYS: dict[str, dict[str, str]] = {
    "ours": WAITING,
    "sleep at once": {"OMP_WAIT_POLICY": "PASSIVE"},
    "spin, as torch comes": {},
    "one thread": {**WAITING, "OMP_NUM_THREADS": "1"},
}
PLANS: dict[str, tuple[str, int]] = {
    "MLP, batch 256": ("mlp", 256),
    "MLP, batch 1024": ("mlp", 1024),
    "CNN, batch 128": ("cnn", 128),
}
WARM_STEPS, MAX_STEPS, SECONDS = 10, 100, 3.0


def measure(rounds: int) -> dict[str, Any]:
    result: dict[str, Any] = {"machine": machine_line("cpu"), "load_before": load(), "milliseconds": {}}
    for state in ("quiet", "one core busy"):
        taken: dict[str, dict[str, list[float]]] = {way: {plan: [] for plan in PLANS} for way in WAYS}
        with busy_core() if state != "quiet" else nullcontext():
            for _ in range(rounds):
                for way, variables in WAYS.items():
                    for plan, milliseconds in _in_a_process(variables).items():
                        taken[way][plan].append(milliseconds)
        result["milliseconds"][state] = {
            way: {plan: summary(values) for plan, values in plans.items()} for way, plans in taken.items()
        }
    return result


@contextmanager
def busy_core() -> Iterator[None]:
    """Another program that wants one core all the time, with a session of its own, as programs have."""
    other = subprocess.Popen([sys.executable, "-c", "while True: pass"], start_new_session=True)
    try:
        yield
    finally:
        other.kill()
        other.wait()


def _in_a_process(variables: dict[str, str]) -> dict[str, float]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("OMP_", "GOMP_", "KMP_"))}
    command = [sys.executable, "-m", "benchmarks.waiting", "--here"]
    done = subprocess.run(
        command, check=True, stdout=subprocess.PIPE, text=True, env={**clean, **variables}, start_new_session=True
    )
    steps: dict[str, float] = json.loads(done.stdout)
    return steps


def steps_here() -> dict[str, float]:
    """Milliseconds of a step of each plan, the median of many, in this process."""
    import torch

    from mnist_core import machine
    from mnist_core.datasets import registry
    from mnist_core.networks.config import ModelConfig
    from mnist_core.training.config import TrainConfig
    from mnist_core.training.loop import Training, train

    machine.keep_freed_memory()
    torch.set_num_threads(machine.choose_threads())
    dataset = registry.load(registry.default_dataset())
    milliseconds = {}
    for name, (kind, batch_size) in PLANS.items():
        config = TrainConfig(epochs=1000, batch_size=batch_size)
        precision = machine.choose_precision("auto", "cpu")
        training = Training.begin(ModelConfig(kind), config, precision=precision)
        marks: list[float] = []
        for _ in train(training, dataset.train, dataset.validation):
            marks.append(time.perf_counter())
            if len(marks) == WARM_STEPS + MAX_STEPS or (len(marks) > WARM_STEPS and marks[-1] - marks[0] > SECONDS):
                break
        taken = [after - before for before, after in zip(marks[WARM_STEPS:-1], marks[WARM_STEPS + 1 :], strict=True)]
        milliseconds[name] = 1000 * statistics.median(taken or [marks[-1] - marks[-2]])
    return milliseconds


def text_of(result: dict[str, Any]) -> str:
    lines = [f"{result['machine']}, load {result['load_before']}; milliseconds a step: median, least to most"]
    for state, ways in result["milliseconds"].items():
        lines += ["", f"{state:<22} {'   '.join(f'{plan:>22}' for plan in PLANS)}"]
        for way, plans in ways.items():
            cells = (f"{s['median']:.2f} ({s['least']:.2f} to {s['most']:.2f})" for s in plans.values())
            lines += [f"{way:<22} {'   '.join(f'{cell:>22}' for cell in cells)}"]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.waiting", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.here:
        print(json.dumps(steps_here()))
        return
    result = measure(options.rounds)
    print(json.dumps(result) if options.json else text_of(result))


if __name__ == "__main__":
    main()
