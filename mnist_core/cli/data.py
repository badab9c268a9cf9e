"""The verb for data sets: which are here, and how to get the rest."""

import sys
from argparse import Namespace
from typing import Any

from tqdm import tqdm

from mnist_core import paths
from mnist_core.cli.arguments import add_verb
from mnist_core.cli.output import print_result, show_progress
from mnist_core.datasets import mnist_checksums, registry
from mnist_core.datasets.download import download
from mnist_core.datasets.synthetic import build

DOWNLOAD = "download"


def add_verbs(verbs: Any) -> None:
    verb = add_verb(verbs, "data", data, "list the data sets, download MNIST, or draw `people`")
    drawn = [name for name, source in registry.DATASETS.items() if source.way == "draw"]
    verb.add_argument(
        "action",
        nargs="?",
        choices=(DOWNLOAD, *drawn),
        help="download MNIST, or draw what `people` adds to it",
    )


def data(options: Namespace) -> None:
    if options.action == DOWNLOAD:
        with tqdm(unit="B", unit_scale=True, disable=options.json) as bar:
            download(on_progress=lambda done, total: show_progress(bar, done, total))
    elif options.action:
        with tqdm(unit="picture", unit_scale=True, disable=options.json) as bar:
            build.build(on_progress=lambda done, total: show_progress(bar, done, total))
    else:
        for path, complaint in mnist_checksums.findings(paths.data_folder()):
            print(complaint or f"{path} is MNIST's own", file=sys.stderr)
    here = {name: registry.is_available(name) for name in registry.DATASETS}
    print_result(
        options,
        here,
        "\n".join(f"{name:<12} {'here' if there else 'not here'}" for name, there in here.items()),
    )
