"""Record what runs race against on the Train page: `python -m benchmarks.reference [--seeds 10]`, about a minute.

Trains every preset as the app does, through the launcher, with seeds 0, 1, ...; of each preset the seed in the middle,
by its time to the target, becomes the curve in `mnist_core/insight/references.json`. Let nothing else run
meanwhile: the load of the minute before is written down and shown.
"""

import argparse
import json
import os
import tempfile
import time
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tqdm import tqdm

from mnist_core.datasets import registry
from mnist_core.insight import races
from mnist_core.insight.races import Finish
from mnist_core.runs import store
from mnist_core.runs.run import Run
from mnist_core.runs.status import AT_WORK, read_history, status_of
from mnist_core.training import presets
from mnist_core.training.presets import PRESETS, Preset
from mnist_core.workers import control, launcher

PATIENCE = 600.0  # seconds until a training is given up
SETTLING = 4.0  # seconds for the launcher to import torch, which the first run would otherwise share the cores with


def record(name: str, kind: str, seeds: int, load: float | None) -> dict[str, Any]:
    """Train a preset with several seeds; the one in the middle as `references.json` has it."""
    preset = presets.preset(name, kind)
    trained = [trained_run(preset, seed) for seed in tqdm(range(seeds), desc=f"{name} {kind}", unit="run")]
    finishes = [finish_of(run, preset.target) for run in trained]
    middle = races.middle_of(finishes)
    if middle.seconds is None:
        raise SystemExit(f"{name} {kind}: most seeds miss the target, so there is no race; nothing was written")
    run = trained[middle.seed]
    copied = ("machine", "threads", "device", "precision", "versions")
    return {
        "preset": name,
        "kind": kind,
        "settings": presets.settings_of(preset),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "load": load,
        **{field: getattr(run, field) for field in copied},
        "validation_size": run.split_sizes["validation"],
        "seed": middle.seed,
        "finishes": [asdict(finish) for finish in finishes],
        **races.thinned(read_history(run)),
    }


def trained_run(preset: Preset, seed: int) -> Run:
    """A run of it, trained to its end by a worker."""
    run = store.create_run(registry.load("mnist"), preset.model, replace(preset.train, seed=seed, device="cpu"))
    control.start(run)
    deadline = time.monotonic() + PATIENCE
    while (status := status_of(run)) in AT_WORK:
        if time.monotonic() > deadline:
            raise SystemExit(f"{run.run_id} was not done after {PATIENCE:.0f} s; nothing was written")
        time.sleep(0.2)
    if status != "finished":
        raise SystemExit(f"{run.run_id} {status}: {read_history(run).error}; nothing was written")
    return run


def finish_of(run: Run, target: float) -> Finish:
    history = read_history(run)
    arrival = races.arrival_of(history, target)
    assert history.best is not None
    seconds = None if arrival is None else round(arrival, races.DECIMALS)
    return Finish(run.train.seed, seconds, history.best.validation_accuracy)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reference", description=__doc__)
    parser.add_argument("--seeds", type=int, default=10)
    options = parser.parse_args()
    load = round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None
    with tempfile.TemporaryDirectory() as folder:
        os.environ["MNIST_CHECKPOINTS"] = folder
        launcher.start()
        time.sleep(SETTLING)
        try:
            kinds = [(name, kind) for name, preset in PRESETS.items() for kind in preset.of_network]
            recorded = [record(name, kind, options.seeds, load) for name, kind in kinds]
        finally:
            launcher.stop()
    write(recorded, races.FILE)
    for one in recorded:
        print(f"{one['preset']} {one['kind']}:", *(f"{finish['seconds']} s" for finish in one["finishes"]))


def write(recorded: list[dict[str, Any]], path: Path) -> None:
    """A line a field, so that a change can be read."""
    fields = [[f"  {json.dumps(name)}: {json.dumps(value)}" for name, value in one.items()] for one in recorded]
    texts = ["{\n" + ",\n".join(lines) + "\n}" for lines in fields]
    path.write_text("[\n" + ",\n".join(texts) + "\n]\n", encoding="utf8")


if __name__ == "__main__":
    main()
