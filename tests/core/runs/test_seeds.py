"""Runs of the same settings: put together, repeated with other seeds, and summed up."""

from dataclasses import replace

import pytest

from mnist_core.datasets import registry
from mnist_core.errors import CheckpointError, ConfigError
from mnist_core.networks.config import ModelConfig
from mnist_core.runs import store
from mnist_core.runs.repeat import with_seeds
from mnist_core.runs.run import Run
from mnist_core.runs.seeds import SeedGroup, free_seeds, group_by_settings, settings_of, siblings_of
from mnist_core.statistics.spread import spread
from mnist_core.training.config import BOUNDS
from mnist_core.types import Dataset


def seeded(run: Run, seed: int, name: str = "") -> Run:
    return replace(run, run_id=f"{run.run_id}-{seed}{name}", name=name, train=replace(run.train, seed=seed))


def test_runs_that_differ_in_seed_and_name_only_make_a_group(run: Run) -> None:
    other = replace(run, run_id="other", model=ModelConfig("mlp", (8,)))
    first, second = seeded(run, 1), seeded(run, 2, "mine")
    assert group_by_settings([first, other, second]) == [SeedGroup((first, second)), other]
    assert SeedGroup((second, first)).seeds == [1, 2]


@pytest.mark.parametrize(
    "changed", [{"dataset_checksum": "new"}, {"device": "cuda"}, {"precision": "another"}, {"base": "a run"}]
)
def test_anything_else_that_differs_parts_them(run: Run, changed: dict[str, str]) -> None:
    assert settings_of(seeded(run, 1)) != settings_of(replace(seeded(run, 2), **changed))  # type: ignore[arg-type]


def test_what_auto_came_to_counts_and_not_that_it_was_auto(run: Run) -> None:
    asked = replace(run, train=replace(run.train, precision=run.precision, device=run.device))  # type: ignore[arg-type]
    assert settings_of(asked) == settings_of(run)


def test_a_second_run_of_one_seed_stands_for_itself(run: Run) -> None:
    first, again, other = seeded(run, 1), seeded(run, 1, "again"), seeded(run, 2)
    assert group_by_settings([first, again, other]) == [SeedGroup((first, other)), again]


def test_siblings_are_found_among_all_runs(run: Run) -> None:
    first, second = seeded(run, 1), seeded(run, 2)
    assert siblings_of(second, [first, second]) == [second, first]
    assert siblings_of(first, [first]) == [first]


def test_free_seeds_are_the_next_that_nobody_of_these_settings_has(run: Run) -> None:
    known = [seeded(run, 1), seeded(run, 3), replace(seeded(run, 2), device="cuda")]
    assert free_seeds(seeded(run, 0), known, 3) == [2, 4, 5]
    greatest = int(BOUNDS["seed"].high)
    assert free_seeds(seeded(run, greatest), known, 2) == [0, 2]


def test_a_run_is_repeated_with_other_seeds_and_all_its_settings(run: Run) -> None:
    created = with_seeds(run, 3)
    assert [other.train.seed for other in created] == [1, 2, 3]
    assert {settings_of(other) for other in created} == {settings_of(run)}
    assert {other.name for other in created} == {"bars"}
    assert [other.train.seed for other in with_seeds(run, 2)] == [4, 5]
    assert len(siblings_of(run, store.healthy_runs())) == 6


@pytest.mark.parametrize("k", [-1, 0, 1, 21])
def test_too_few_or_too_many_seeds_are_refused(run: Run, k: int) -> None:
    with pytest.raises(ConfigError, match="between 2 and 20"):
        with_seeds(run, k)
    assert len(store.healthy_runs()) == 1


def test_with_other_data_by_now_nothing_is_repeated(
    run: Run, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "load", lambda name: replace(dataset, checksum="other"))
    with pytest.raises(CheckpointError, match="no longer the one"):
        with_seeds(run, 2)


def test_a_spread_is_mean_deviation_and_range() -> None:
    several = spread([0.1, 0.2, 0.3])
    assert (several.n, several.low, several.high) == (3, 0.1, 0.3)
    assert several.mean == pytest.approx(0.2)
    assert several.deviation == pytest.approx(0.1)
    assert spread([0.5]).deviation == 0.0
