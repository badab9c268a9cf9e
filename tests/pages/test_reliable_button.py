import pytest
from streamlit.testing.v1 import AppTest
from waiting import HANG_SECONDS

from pages.components.shared import reliable_button


def script() -> None:
    import streamlit as st

    from pages.components.shared.reliable_button import button

    def cut(place: str) -> None:
        if st.session_state.pop(place, False):
            st.rerun()  # what a component's message does to a run of the script

    cut("before the button")
    if press := button("Go", key="go"):
        cut("before the act")
        with press:
            cut("amid the act")
            st.session_state["gone"] = st.session_state.get("gone", 0) + 1
        cut("after the act")


@pytest.mark.parametrize("place", ["before the button", "before the act", "amid the act", "after the act"])
def test_a_press_survives_a_run_of_the_script_that_is_cut_short_and_counts_once(monkeypatch, place):
    monkeypatch.setattr(reliable_button, "PRESS_SECONDS", float("inf"))  # however long this machine takes
    at = AppTest.from_function(script, default_timeout=HANG_SECONDS).run()
    at.session_state[place] = True
    at.button(key="go").click().run()
    assert at.session_state["gone"] == 1
    at.run()
    assert at.session_state["gone"] == 1
    at.button(key="go").click().run()
    assert at.session_state["gone"] == 2


def test_a_press_that_comes_late_is_not_wanted_any_more(monkeypatch):
    monkeypatch.setattr(reliable_button, "PRESS_SECONDS", 0.0)
    at = AppTest.from_function(script, default_timeout=HANG_SECONDS).run()
    at.button(key="go").click().run()
    assert "gone" not in at.session_state
