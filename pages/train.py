"""Choose hyperparameters, launch, watch live, stop, resume."""

import streamlit as st

from mnist_core import paths
from mnist_core.datasets import registry
from mnist_core.errors import MnistError
from mnist_core.runs import store
from mnist_core.runs.run import Run
from mnist_core.runs.status import is_at_work
from mnist_core.workers import queue
from pages.components.shared import address
from pages.components.shared.download import offer_dataset
from pages.components.shared.labels import plain
from pages.components.shared.reliable_button import Press, button
from pages.components.shared.scroll_to import scroll_to, wish_for_view
from pages.components.train.queue_panel import queue_panel
from pages.components.train.run_form import Wanted, dataset_choice, hyperparameters, warn_of
from pages.components.train.run_panel import run_panel, show_axes
from pages.components.train.run_start import start_run

LOOK_SECONDS = 0.5  # how often a page with nothing to show looks for a new run
SETTINGS_WIDTH = 300  # pixels
STYLE = """
<style>
/* Beside the settings there is room for both curves, or else all of it stands below them. */
.st-key-train_panel { min-width: min(100%, 38rem); scroll-margin-top: 4.5rem; }
@media (max-width: 60rem) { :has(> .st-key-train_settings) { flex: 1 1 100% !important; max-width: none; } }
/* Choices fit on one line; presets look like the choices they are. */
.st-key-train_settings [data-testid^="stBaseButton-segmented_control"] { padding: 0.25rem 0.625rem; }
.st-key-presets button { padding: 0.25rem 0.625rem; min-height: 2rem; }
</style>
"""


def start(wanted: Wanted, press: Press) -> None:
    """Create the run and hand it to a worker; the panel then shows it."""
    with st.spinner("Preparing the data …"), press:
        address.show_next(start_run(wanted.dataset, wanted.model, wanted.train, name=wanted.name).run_id)
        wish_for_view()


def run_to_show(known: list[Run]) -> Run | None:
    """The run in the address or session; else one in progress; else the newest trained on this machine."""
    chosen = [run for run in known if run.run_id == address.chosen_run_id()]
    at_work = [run for run in known if is_at_work(run)]
    own = [run for run in known if not run.shipped]
    return next(iter(chosen + at_work + own), None)


@st.fragment(run_every=LOOK_SECONDS)
def wait_for_a_run() -> None:
    """Show the first run as soon as it starts, even from the command line or another tab."""
    if queue.at_work(paths.checkpoints_folder()) and run_to_show(store.healthy_runs()):
        st.rerun()


st.title("Train", anchor=False)
st.html(STYLE)
with st.container(horizontal=True, gap="large", key="train_row"):
    settings, panel = st.container(key="train_settings", width=SETTINGS_WIDTH), st.container(key="train_panel")
with settings:
    dataset = dataset_choice()
    if registry.is_available(dataset):
        if dataset == "digits" and not registry.is_available("mnist"):
            st.info("MNIST is not on this machine yet, so **Small digits** is selected. Choose MNIST to download it.")
        warn_of(dataset)
        place, wanted = hyperparameters(dataset)
        with place:
            press = button("Start training", type="primary", width="stretch", disabled=wanted is None, key="start_run")
            if press and wanted:
                try:
                    start(wanted, press)
                except MnistError as error:
                    st.error(plain(str(error)))
    else:
        offer_dataset(dataset)
        place = st.container()

known = store.healthy_runs()
shown = run_to_show(known)
if shown:
    address.choose_run(shown.run_id)
with place:
    queue_panel(known, shown)
with panel:
    if shown is None:
        st.subheader("Nothing trained yet", anchor=False)
        st.write(
            "Press **Start training**: the default settings are a good start. "
            "Loss and accuracy appear here and change as the network learns."
        )
        show_axes()
        wait_for_a_run()
    else:
        run_panel(shown)
scroll_to("train_panel")
