"""A training as a person sees it: started by a click, watched to its end, through reloads, other pages and other tabs.

On scikit-learn's digits, so that it needs no MNIST. That runs wait in line is seen in tests/core/workers and, on the
page, in tests/pages/test_train.py.
"""

import re
from collections.abc import Callable

from harness import Server, wait_idle
from playwright.sync_api import Page, Route, expect
from small_runs import copy_run
from written_run import at_work, new_run

from mnist_core.runs.history import FILE as HISTORY
from mnist_core.runs.run import Run, load_run
from mnist_core.runs.status import read_history

STEP = "Number(document.querySelector('.st-key-live_loss .pv').dataset.step)"
# From before the first step on, at every frame: elements a curve was drawn in, frames in which a drawn curve was empty.
WATCH = """() => {
  const seen = { frames: 0, empty: 0, plots: { live_loss: new Set(), live_accuracy: new Set() } };
  window.seen = () => ({ frames: seen.frames, empty: seen.empty,
    remounts: Object.values(seen.plots).reduce((sum, plots) => sum + Math.max(0, plots.size - 1), 0) });
  const drawn = new Set();
  (function look() {
    for (const key of Object.keys(seen.plots)) {
      const plot = document.querySelector(`.st-key-${key} .pv-plot`);
      if (plot) seen.plots[key].add(plot);
      const line = document.querySelector(
        `.st-key-${key} :is(.pv[data-by=server] path.curve, .pv[data-by=plotly] path.js-line)`);
      if (line) drawn.add(key);
      if (drawn.has(key) && !line) seen.empty += 1;
    }
    seen.frames += 1;
    requestAnimationFrame(look);
  })();
}"""


def open_train(server: Server, page: Page, path: str = "/train") -> None:
    page.goto(server.url + path)
    wait_idle(page)
    expect(page.locator(".st-key-start_run button")).to_be_enabled()


def start(page: Page, *, name: str) -> None:
    """Ask for a training that takes longer than any page: a cnn's, one image in sixteen at a time."""
    page.get_by_role("button", name="Small digits").or_(page.get_by_role("radio", name="Small digits")).first.click()
    page.get_by_role("button", name="CNN").or_(page.get_by_role("radio", name="CNN")).first.click()
    expect(page.get_by_role("button", name="Fastest to 99 %")).to_be_visible()  # the form is the cnn's
    wait_idle(page)
    for setting, key in (("epochs", "End"), ("batch_size", "Home")):
        slider = page.locator(f".st-key-train_{setting} input[type=range]")
        slider.press(key)
        end = slider.get_attribute("max" if key == "End" else "min")
        assert end
        expect(slider).to_have_value(end)
    page.get_by_text("More settings").click()
    page.locator(".st-key-train_name input").fill(name)
    page.locator(".st-key-train_name input").press("Enter")
    expect(page.locator(".st-key-start_run button")).to_be_enabled()
    wait_idle(page)
    page.locator(".st-key-start_run button").click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()


def stop(page: Page) -> None:
    page.locator(".st-key-stop_run button:visible").click()
    expect(page.get_by_text(re.compile(r"You stopped it at \d+ %"))).to_be_visible()


def test_a_preset_moves_the_sliders_and_never_moves_one_back_that_was_moved_since(app: Server, page: Page) -> None:
    open_train(app, page)
    page.locator(".st-key-preset_fastest button").click()
    slider = page.locator(".st-key-train_epochs input[type=range]")
    expect(slider).to_have_value("2")
    tick = page.locator(".st-key-preset_fastest [data-testid=stIconMaterial]")
    expect(tick).to_be_visible()
    slider.focus()
    for _ in range(20):  # quicker than the server answers
        slider.press("ArrowRight")
    expect(slider).to_have_value("22")
    expect(tick).to_have_count(0)  # the server knows; a form that is drawn anew amid a click would lose the click
    page.get_by_text("More settings").click()
    page.get_by_text("Keep every epoch's weights").click()
    expect(page.get_by_text("22 epochs will be kept")).to_be_visible()
    expect(slider).to_have_value("22")


def test_a_run_is_watched_live_to_its_end_without_a_flicker(app: Server, page: Page, small_run: Run) -> None:
    run = copy_run(small_run, app.checkpoints, name="watched")
    (run.folder / HISTORY).unlink()
    page.goto(f"{app.url}/train?run={run.run_id}")
    wait_idle(page)
    page.evaluate(WATCH)
    with at_work(run) as worker:
        worker.train(10)
        expect(page.get_by_text(re.compile(r"Epoch 1 of 2 · .* left · [\d,]+ images/s"))).to_be_visible()
        for _ in range(8):
            worker.train(10)
            page.wait_for_function(f"{STEP} === {worker.step}")
        worker.finish()
    expect(page.get_by_text("Done in")).to_be_visible()
    expect(page.get_by_text(re.compile(r"\d % ± \d")).first).to_be_visible()
    expect(page.get_by_role("link", name="See its errors")).to_be_visible()
    expect(page.locator(".st-key-live_loss .pv path.curve").first).to_be_visible()
    seen = page.evaluate("window.seen()")
    assert seen["frames"] > 30
    assert (seen["remounts"], seen["empty"]) == (0, 0)


def test_a_training_goes_on_through_reload_page_switch_and_in_a_second_tab_and_is_resumed_where_it_was_stopped(
    app: Server, page: Page, new_page: Callable[..., Page]
) -> None:
    progress = re.compile(r"Epoch \d+ of 50")
    open_train(app, page)
    start(page, name="long")
    expect(page.get_by_text(progress)).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="long")).to_be_visible()
    expect(page.get_by_text(progress)).to_be_visible()
    page.get_by_test_id("stTopNavLink").filter(has_text="Runs").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Runs")
    page.get_by_test_id("stTopNavLink").filter(has_text="Train").click()
    expect(page.get_by_role("heading", name="long")).to_be_visible()
    second = new_page()
    open_train(app, second)
    expect(second.get_by_role("heading", name="long")).to_be_visible()
    expect(second.get_by_text(progress)).to_be_visible()
    stop(second)
    expect(page.get_by_text("You stopped it")).to_be_visible()
    [folder] = app.checkpoints.glob("2*-cnn-*")
    run = load_run(folder)
    made = len(read_history(run).step)
    page.locator(".st-key-resume_run button:visible").click()
    expect(page.get_by_text(progress)).to_be_visible()
    stop(page)
    history = read_history(run)
    assert history.step == list(range(1, len(history.step) + 1))
    assert len(history.step) >= made


def test_on_every_page_a_sign_tells_of_the_training_and_leads_to_it(app: Server, page: Page) -> None:
    page.goto(app.url)
    sign = page.locator(".st-key-training_sign .sign")
    expect(sign).to_be_hidden()
    with at_work(run := new_run(app.checkpoints, name="elsewhere", epochs=10)) as worker:
        worker.train(160)
        expect(sign).to_have_text("elsewhere25 %")
        page.get_by_test_id("stTopNavLink").filter(has_text="Predict").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Predict")
        worker.train(160)
        expect(sign).to_have_text("elsewhere50 %")
        worker.finish()
    expect(sign).to_have_text("elsewhereFinished")
    sign.click()
    expect(page.get_by_role("heading", name="elsewhere")).to_be_visible()
    expect(page).to_have_url(f"{app.url}/train?run={run.run_id}")


def test_after_the_start_a_phone_shows_the_run(app: Server, new_page: Callable[..., Page]) -> None:
    phone = new_page(width=390, height=844, touch=True)
    open_train(app, phone)
    start(phone, name="seen at once")
    expect(phone.get_by_role("heading", name="seen at once")).to_be_in_viewport()
    stop(phone)


def test_on_a_laptops_first_screen_stand_settings_run_figures_and_both_curves(
    app: Server, new_page: Callable[..., Page], small_run: Run
) -> None:
    run = copy_run(small_run, app.checkpoints)
    page = new_page(width=1280, height=800)
    page.goto(f"{app.url}/train?run={run.run_id}")
    for part in (".st-key-start_run button", "[data-testid=stMetric]", ".st-key-live_loss", ".st-key-live_accuracy"):
        expect(page.locator(part).last).to_be_in_viewport(ratio=1)


def test_curves_stand_where_they_will_while_their_sketches_cannot_be_read_yet(app: Server, page: Page) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/rehype-raw*", hold)  # what reads HTML in Streamlit's Markdown
    page.goto(f"{app.url}/train", wait_until="commit")  # it may count as loaded only when what is held has come
    page.locator(".pv-plot[data-ready]").nth(1).wait_for()
    assert held
    tops = "() => [...document.querySelectorAll('.pv-plot')].map(plot => plot.getBoundingClientRect().top)"
    before = page.evaluate(tops)
    for route in held:
        route.continue_()
    page.locator(".sketch").first.wait_for(state="attached")
    assert page.evaluate(tops) == before
