"""When something is on screen, by the browser's own clock: Playwright hears of it later from a page that is busy."""

from pathlib import Path

from playwright.sync_api import BrowserContext, Page, Playwright

from tests.harness import BROWSER_OPTIONS, chromium

# As the server draws it, before the page's components are there and after, or as Plotly: a line of some points.
CURVE = """() => [...document.querySelectorAll(
  '.st-key-live_loss .scatterlayer .js-line, .st-key-live_loss .pv-drawn .curve, .st-key-live_loss-place .sketch .curve'
)].some(curve => (curve.getAttribute('d') || '').length > 12)"""


def seen_at(page: Page, what: str) -> float:
    """Seconds since 1970 at the first frame in which a function of the page says yes."""
    when = f"() => ({what})() && (performance.timeOrigin + performance.now()) / 1000"
    return float(page.wait_for_function(when, polling="raf").json_value())


def own_browser(playwright: Playwright, profile: Path) -> BrowserContext:
    """A browser with a profile on disk, as people have one: it keeps what it has compiled for the next tab."""
    return playwright.chromium.launch_persistent_context(
        profile, executable_path=chromium(), args=BROWSER_OPTIONS, viewport={"width": 1280, "height": 900}
    )
