"""One registry a choice: what is added there is there everywhere."""

import ast

import pytest
import torch
from test_architecture import CORE, PAGES, name_of

from mnist_core.config import check, defaults_of, settings_of, shown
from mnist_core.datasets.registry import DATASETS
from mnist_core.errors import ConfigError
from mnist_core.networks.config import ModelConfig
from mnist_core.networks.dead_units import watching
from mnist_core.networks.model import build_model
from mnist_core.networks.registry import NETWORKS
from mnist_core.registry import Named, Registry
from mnist_core.runs.epochs import keep, load_epoch
from mnist_core.runs.run import RUN_ID
from mnist_core.runs.store import create_run, list_runs, new_run_id
from mnist_core.training.augmentations import AUGMENTATIONS
from mnist_core.training.config import TrainConfig
from mnist_core.training.loop import Training
from mnist_core.training.optimizers import OPTIMIZERS
from mnist_core.training.presets import PRESETS

CONFIGS = [*(ModelConfig(kind) for kind in NETWORKS), ModelConfig("cnn", size="large")]


def test_what_is_not_in_a_registry_is_an_error_that_lists_what_is():
    choice = Registry("colour", {"red": Named("Red"), "blue": Named("Blue")})
    assert choice.label("blue") == "Blue"
    for odd in ("green", "", None, 3, ["red"]):
        with pytest.raises(ConfigError, match="colour must be one of red, blue, got"):
            choice.check(odd)


@pytest.mark.parametrize("registry", [NETWORKS, DATASETS, AUGMENTATIONS, OPTIMIZERS, PRESETS])
def test_every_entry_has_a_label_of_its_own(registry):
    labels = [entry.label for entry in registry.values()]
    assert all(labels)
    assert len(set(labels)) == len(labels)


@pytest.mark.parametrize("path", [*CORE, *PAGES], ids=name_of)
def test_only_its_own_room_asks_which_network_data_set_or_augmentation_it_is(path):
    """Elsewhere nobody compares with such a name: what depends on it stands in the registry."""
    rooms = {"networks": NETWORKS, "datasets": DATASETS, "training": AUGMENTATIONS}
    names = {name for room, registry in rooms.items() if room not in path.parts for name in registry} - {
        "none",
        "digits",
    }
    allowed = {"mnist"}  # is the data set that presets, races and the first page are about
    compared = {
        side.value
        for node in ast.walk(ast.parse(path.read_text(encoding="utf8")))
        if isinstance(node, ast.Compare)
        for side in (node.left, *node.comparators)
        if isinstance(side, ast.Constant)
    }
    assert not compared & (names - allowed)


@pytest.mark.parametrize("config", [ModelConfig(), TrainConfig()], ids=["model", "train"])
def test_every_setting_can_be_checked_and_shown_at_its_default(config):
    check(config)
    for name, setting in settings_of(config).items():
        assert setting.label
        assert setting.help.endswith((".", "?")), name
        assert shown(defaults_of(type(config))[name], setting)


@pytest.mark.parametrize("outputs", [10, 11])
@pytest.mark.parametrize("config", CONFIGS, ids=lambda config: f"{config.kind}-{config.size}")
def test_every_network_answers_and_is_as_its_entry_says(config, outputs):
    config = ModelConfig(config.kind, (12, 8), size=config.size, refuses=outputs == 11)
    kind = NETWORKS[config.kind]
    model = build_model(config)
    with watching(model) as peaks:
        assert model(torch.zeros(3, 1, 28, 28)).shape == (3, outputs)
    assert sum(len(peak) for peak in peaks.of_layer.values()) == kind.hidden_units(config)
    assert 0 <= peaks.dead_fraction <= 1
    assert any(name in model.state_dict() for name in kind.first_layer)
    for name in kind.reads:
        assert name in settings_of(ModelConfig)


@pytest.mark.parametrize("kind", NETWORKS)
def test_a_run_of_every_network_is_listed_and_its_epochs_can_be_looked_at(kind, dataset):
    run = create_run(dataset, ModelConfig(kind), TrainConfig(epochs=1))
    assert run in list_runs()
    assert RUN_ID.fullmatch(run.run_id)
    model = Training.begin(run.model, run.train).model
    keep(model, torch.eye(10, dtype=torch.int32).numpy(), run.folder, 1)
    layer = load_epoch(run, 1, most=10).first_layer
    assert layer.ndim == 3
    assert len(layer) == 10


def test_a_run_of_a_network_that_this_version_lacks_is_listed_as_damaged(dataset):
    run = create_run(dataset, ModelConfig(), TrainConfig())
    newer = run.folder.with_name(run.run_id.replace("mlp", "transformer"))
    run.folder.rename(newer)
    text = (newer / "run.json").read_text().replace('"kind": "mlp"', '"kind": "transformer"')
    (newer / "run.json").write_text(text.replace(run.run_id, newer.name))
    [listed] = list_runs()
    assert "model must be one of linear, mlp, cnn, got 'transformer'" in listed.reason


def test_ids_tell_the_network_whatever_it_is_called():
    from datetime import UTC, datetime

    for kind in NETWORKS:
        assert RUN_ID.fullmatch(new_run_id(datetime(2026, 1, 2, tzinfo=UTC), kind))
