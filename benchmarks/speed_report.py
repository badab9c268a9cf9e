"""What `benchmarks.speed` measured, as a Markdown page."""

import statistics
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

PROTOCOL = """\
Each training in a process of its own, in turns. The clock starts when Python and its libraries are loaded and MNIST's
four files lie unpacked on the disk; it covers reading and checking them, making the network and training it. It stands
while the test images are read, which are only measured: nothing is trained or chosen on them. A rival's clock ends with
the first epoch after which it meets the target on the test images, or when it gives up; so its end is chosen for it, as
kindly as can be. Ours trains what its preset says, chosen on validation images, to its end, and is measured once; it
trains on 55,000 images and validates on 5,000 within the time, rivals train on all 60,000. Ours writes its run to disk
as always: every step, weights, state. Processor seconds are those of all cores together, and hardly depend on what else
the machine is doing. Medians, with the least and the most in brackets.
"""
COLUMNS = (
    "who", "target", "reached by", "seconds to the end", "processor seconds", "of which training", "images/s",
    "peak memory", "ours is",
)  # fmt: skip


class Named(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def target(self) -> float: ...


def report(result: dict[str, Any], contestants: Sequence[Named], first: dict[str, str]) -> str:
    return "\n".join(_lines(result, contestants, first)) + "\n"


def _lines(result: dict[str, Any], contestants: Sequence[Named], first: dict[str, str]) -> Iterator[str]:
    yield "# How fast it trains\n"
    end = "; interrupted, so some trainings are missing" if result.get("interrupted") else ""
    yield f"Written by `python -m benchmarks.speed` on {result['machine']}, begun {result['begun']}{end}.\n"
    trainings = result["trainings"]
    if trainings:
        yield f"{PROTOCOL}\n{_load(trainings)}\n"
        yield f"| {' | '.join(COLUMNS)} |\n|{'---|' * len(COLUMNS)}"
        for contestant in contestants:
            if contestant.name in trainings:
                yield _row(contestant, trainings[contestant.name], trainings.get(first.get(contestant.name, ""), []))
    if "floor" in result:
        yield from _floor(result["floor"])
        yield from _precisions(result["floor"]["precisions"])


def _load(trainings: dict[str, list[dict[str, Any]]]) -> str:
    loads = [training["load_before"] for of_one in trainings.values() for training in of_one]
    return (
        f"Load of the machine before each training: {spread(loads, '{:.1f}'.format)}. "
        "What is beyond its own comes from other programs that want the same cores."
    )


def _row(contestant: Named, done: list[dict[str, Any]], ours: list[dict[str, Any]]) -> str:
    def column(key: str, form: Callable[[float], str]) -> str:
        return spread([training[key] for training in done], form)

    accuracy = column("accuracy", "{:.2%}".format)
    ratio = "-"
    if ours:
        more = "" if all(training["reached"] for training in done) else "more than "  # it would have had to go on
        by_processor = _ratio(done, ours, "processor_seconds")
        ratio = f"{more}{_ratio(done, ours, 'seconds')} times as fast ({by_processor} by processor seconds)"
    cells = [
        contestant.title,
        f"{contestant.target:.0%}",
        f"{sum(training['reached'] for training in done)} of {len(done)} seeds, {accuracy} "
        f"after {column('epochs', '{:.0f}'.format)} epochs",
        column("seconds", "{:.2f}".format),
        column("processor_seconds", "{:.1f}".format),
        column("training_seconds", "{:.2f}".format) if "training_seconds" in done[0] else "-",
        column("images_per_second", "{:,.0f}".format),
        column("peak_megabytes", "{:,.0f} MB".format),
        ratio,
    ]
    return f"| {' | '.join(cells)} |"


def _ratio(rival: list[dict[str, Any]], ours: list[dict[str, Any]], key: str) -> str:
    least, most = (statistics.median(training[key] for training in side) for side in (ours, rival))
    return f"{most / least:.0f}"


def _floor(floor: dict[str, Any]) -> Iterator[str]:
    least, measured = floor["floor_seconds"], floor["measured_epoch_seconds"]
    read = floor["megabytes_read"] / floor["bandwidth_gigabytes_per_second"] / 1000
    yield f"\n## Where an epoch of the MLP goes (batch {floor['batch']}, {floor['precision']})\n"
    yield (
        "Each part by itself, in turns, the quickest of all rounds: other programs can only make it longer. "
        "The floor is the matrix products alone.\n"
    )
    yield "| part | seconds an epoch |"
    yield "|---|---|"
    yield f"| **floor: the products at {floor['gigaflops_per_second']:.0f} GFLOP/s** | **{least:.3f}** |"
    yield f"| floor: the images' bytes at {floor['bandwidth_gigabytes_per_second']:.0f} GB/s | {read:.3f} |"
    for name, seconds in floor["epoch_seconds"].items():
        yield f"| {name} | {seconds:.3f} |"
    yield f"| **an epoch as `train` does it, the quickest of twelve** | **{measured:.3f}** |"
    yield f"\nThat is {measured / least:.2f} times the floor. (“Forward, loss and backward” holds “forward” within it.)"


def _precisions(networks: dict[str, dict[str, float]]) -> Iterator[str]:
    yield "\n## What bfloat16 brings\n"
    yield "| a step of | float32 | bfloat16 | times as fast |"
    yield "|---|---|---|---|"
    for name, taken in networks.items():
        ratio = taken["float32"] / taken["bfloat16"]
        yield f"| {name} | {taken['float32']:.1f} ms | {taken['bfloat16']:.1f} ms | {ratio:.2f} |"


def spread(values: Sequence[float], form: Callable[[float], str]) -> str:
    """Median, with the range in brackets where it is one."""
    middle, low, high = form(statistics.median(values)), form(min(values)), form(max(values))
    return middle if low == high else f"{middle} ({low} to {high})"
