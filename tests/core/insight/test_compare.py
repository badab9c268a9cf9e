"""Runs against one of them: only on the same images, corrected together, and noise called noise."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from mnist_core.insight.compare import Answers, AnswersOf, Entry, SeedVerdict, Verdict, shared_evaluations
from mnist_core.insight.compare import verdicts as all_verdicts
from mnist_core.runs.run import Run
from mnist_core.runs.seeds import SeedGroup
from mnist_core.types import SplitName

LABELS = np.arange(1000) % 10


def answers(wrong: range, labels: np.ndarray = LABELS) -> Answers:
    predictions = labels.copy()
    predictions[wrong] = (predictions[wrong] + 1) % 10
    return Answers(labels, predictions)


def named(run: Run, run_id: str, **changed: object) -> Run:
    return replace(run, run_id=run_id, **changed)  # type: ignore[arg-type]


def verdicts(reference: Run, others: list[Run], answers_of: AnswersOf) -> dict[str, Verdict]:
    return all_verdicts(reference, others, answers_of, lambda run, split: None)  # type: ignore[return-value]


def by_seeds(first: list[float], second: list[float], run: Run) -> SeedVerdict | None:
    """The verdict on two groups of these test accuracies."""
    sides: list[Entry] = []
    accuracies = {}
    for side, values in (("a", first), ("b", second)):
        members = tuple(named(run, f"{side}{n}", train=replace(run.train, seed=n)) for n in range(len(values)))
        accuracies |= {member.run_id: value for member, value in zip(members, values, strict=True)}
        sides.append(SeedGroup(members) if len(members) > 1 else members[0])
    found = all_verdicts(
        sides[0], sides[1:], lambda run, split: None,
        lambda run, split: accuracies[run.run_id] if split == "test" else None,
    )  # fmt: skip
    return found.get("b0")  # type: ignore[return-value]


def kept(known: Mapping[tuple[str, SplitName], Answers]) -> AnswersOf:
    return lambda run, split: known.get((run.run_id, split))


def test_a_difference_beyond_chance_is_told_from_noise(run: Run) -> None:
    a, b, c = (named(run, name) for name in "abc")
    found = verdicts(
        a, [b, c], kept({("a", "test"): answers(range(40)), ("b", "test"): answers(range(2, 42)),
                         ("c", "test"): answers(range(10))}),
    )  # fmt: skip
    assert found["b"].is_noise
    assert (found["b"].comparison.gained, found["b"].comparison.lost) == (2, 2)
    assert found["c"].is_better
    assert found["c"].comparison.gained == 30


def test_a_run_that_reads_worse_is_neither_noise_nor_better(run: Run) -> None:
    a, b = named(run, "a"), named(run, "b")
    [verdict] = verdicts(a, [b], kept({("a", "test"): answers(range(0)), ("b", "test"): answers(range(20))})).values()
    assert not verdict.is_noise
    assert not verdict.is_better


def test_several_comparisons_are_corrected_together(run: Run) -> None:
    a, b, c = (named(run, name) for name in "abc")
    answered = kept({(name, "test"): answers(range(n)) for name, n in (("a", 6), ("b", 0), ("c", 6))})
    assert verdicts(a, [b], answered)["b"].p_value == pytest.approx(2 / 64)
    both = verdicts(a, [b, c], answered)
    assert both["b"].p_value == pytest.approx(2 * 2 / 64)
    assert both["b"].is_noise


def test_the_test_split_goes_first_and_validation_is_taken_where_not_both_took_the_exam(run: Run) -> None:
    a, b, c, d = (named(run, name) for name in "abcd")
    answered = kept({
        ("a", "test"): answers(range(5)), ("b", "test"): answers(range(5)),
        ("a", "validation"): answers(range(9)), ("b", "validation"): answers(range(9)),
        ("c", "validation"): answers(range(9)),
    })  # fmt: skip
    found = verdicts(a, [b, c, d], answered)
    assert {name: verdict.split for name, verdict in found.items()} == {"b": "test", "c": "validation"}


def test_other_data_sets_and_other_versions_of_one_share_no_exam(run: Run) -> None:
    assert shared_evaluations(run, named(run, "b")) == ["test", "validation"]
    assert shared_evaluations(run, named(run, "b", dataset_checksum="other")) == []
    assert shared_evaluations(run, named(run, "b", dataset="mnist")) == []


def test_many_hands_and_mnist_share_their_test_images_only(run: Run) -> None:
    mnist, people = (named(run, name, dataset=name, dataset_checksum=name) for name in ("mnist", "people"))
    assert shared_evaluations(mnist, people) == ["test"]
    assert shared_evaluations(people, replace(people, dataset_checksum="drawn anew")) == ["test"]


def test_answers_to_other_labels_are_never_compared(run: Run) -> None:
    a, b = named(run, "a"), named(run, "b")
    other = answers(range(3), labels=(LABELS + 1) % 10)
    assert verdicts(a, [b], kept({("a", "test"): answers(range(3)), ("b", "test"): other})) == {}


def test_several_seeds_are_compared_by_the_accuracy_of_each(run: Run) -> None:
    verdict = by_seeds([0.90, 0.91, 0.92, 0.93], [0.94, 0.95, 0.96, 0.97], run)
    assert verdict is not None
    assert verdict.p_value == pytest.approx(2 / 70)
    assert verdict.is_better
    overlapping = by_seeds([0.90, 0.91, 0.92, 0.93], [0.905, 0.915, 0.925, 0.935], run)
    assert overlapping is not None
    assert overlapping.is_noise
    assert overlapping.can_tell


def test_one_run_against_few_seeds_cannot_tell(run: Run) -> None:
    verdict = by_seeds([0.5], [0.94, 0.95, 0.96], run)
    assert verdict is not None
    assert verdict.is_noise
    assert not verdict.can_tell
