"""The Time machine in a real browser: what the slider moves, and that playing moves it without a flicker."""

import re
from collections.abc import Iterator

import pytest
from harness import Server, has_no_sideways_scrolling, serve, wait_idle
from playwright.sync_api import Page, expect

from mnist_core.datasets import registry
from mnist_core.networks.config import ModelConfig
from mnist_core.runs import store
from mnist_core.runs.run import Run
from mnist_core.training.config import TrainConfig
from mnist_core.workers import trainer

SEVEN = [(60, 60), (215, 60), (120, 235)]
EPOCHS = 6
WATCH = """() => {
  window.gaps = [], window.shown = [];
  const plot = document.querySelector('.st-key-epochs_matrix .pv-plot');
  const frame = () => {
    const pictures = [...document.querySelectorAll('.weights img')];
    if (!pictures.length || !pictures.every(one => one.complete && one.naturalWidth)) window.gaps.push('weights');
    if (!document.querySelector('.answer')) window.gaps.push('answer');
    if (document.querySelector('.st-key-epochs_matrix .pv-plot') !== plot) window.gaps.push('matrix');
    const said = document.querySelector('.weights')?.getAttribute('aria-label');
    if (said && said !== window.shown.at(-1)) window.shown.push(said);
    requestAnimationFrame(frame);
  };
  frame();
}"""


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Run]]:
    """The app with a run whose epochs are kept, and no MNIST."""
    folder = tmp_path_factory.mktemp("epochs")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MNIST_CHECKPOINTS", str(folder / "checkpoints"))
        config = TrainConfig(epochs=EPOCHS, batch_size=64, keep_epochs=True)
        run = store.create_run(registry.load("digits"), ModelConfig("mlp", (32,)), config)
    trainer.train_run(run.folder)
    with serve(folder, env={"MNIST_DATA": str(folder / "data")}) as server:
        yield server, run


def open_with_a_drawing(page: Page, server: Server, address: str) -> None:
    page.goto(f"{server.url}/epochs{address}")
    page.locator(".st-key-epochs_matrix .pv-plot[data-ready]").wait_for()
    page.locator("canvas").last.wait_for()
    wait_idle(page)
    pad = page.locator("canvas").last
    pad.scroll_into_view_if_needed()
    page.wait_for_timeout(300)
    box = pad.bounding_box()
    assert box is not None
    (x, y), *rest = SEVEN
    page.mouse.move(box["x"] + x, box["y"] + y)
    page.mouse.down()
    for x_next, y_next in rest:
        page.mouse.move(box["x"] + x_next, box["y"] + y_next, steps=6)
    page.mouse.up()
    page.locator(".answer").wait_for()
    wait_idle(page)


def shown(page: Page) -> tuple[str | None, ...]:
    """What the slider is to move: accuracy, matrix, weights, prediction."""
    return (
        page.get_by_test_id("stMetricValue").inner_text(),
        page.locator(".st-key-epochs_matrix .pv-plot").get_attribute("aria-label"),
        page.locator(".weights img").first.get_attribute("src"),
        page.locator(".bars .plot").inner_html(),
    )


def test_the_slider_moves_accuracy_matrix_weights_and_prediction(kept: tuple[Server, Run], page: Page) -> None:
    server, run = kept
    open_with_a_drawing(page, server, f"?run={run.run_id}&epoch=2")
    before = shown(page)
    slider = page.locator(".st-key-epochs_epoch input[type=range]")
    slider.focus()
    slider.press("ArrowLeft")
    expect(page.locator(".st-key-epochs_matrix .pv-plot")).to_have_attribute("aria-label", re.compile("after epoch 1,"))
    expect(page.locator(".weights")).to_have_attribute("aria-label", re.compile("after epoch 1"))
    wait_idle(page)
    assert all(old != new for old, new in zip(before, shown(page), strict=True))
    expect(page).to_have_url(re.compile(rf"\?run={run.run_id}&epoch=1$"))
    page.reload()
    expect(page.locator(".weights")).to_have_attribute("aria-label", re.compile("after epoch 1"))


def test_playing_shows_every_epoch_and_ends_with_the_last_without_a_gap(kept: tuple[Server, Run], page: Page) -> None:
    server, run = kept
    open_with_a_drawing(page, server, f"?run={run.run_id}&epoch=1")
    height = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
    place = page.evaluate("document.querySelector('[data-testid=stMain]').scrollTop")
    assert place > 0
    page.evaluate(WATCH)
    expect(page.get_by_role("button", name="Play")).to_be_in_viewport()  # it stays in sight below the page's head
    page.get_by_role("button", name="Play").click()
    expect(page.locator(".weights")).to_have_attribute("aria-label", re.compile(f"after epoch {EPOCHS}"))
    said = [int(text.rstrip(".").split()[-1]) for text in page.evaluate("window.shown")]
    assert said == list(range(1, EPOCHS + 1))
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    expect(page).to_have_url(re.compile(rf"epoch={EPOCHS}$"))
    assert page.evaluate("window.gaps") == []
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight") == height
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollTop") == place


def test_on_a_phone_nothing_is_cut(kept: tuple[Server, Run], new_page) -> None:
    server, run = kept
    page = new_page(width=390, height=844, scheme="dark")
    page.goto(f"{server.url}/epochs?run={run.run_id}")
    page.locator(".st-key-epochs_matrix .pv-plot[data-ready]").wait_for()
    assert has_no_sideways_scrolling(page)
