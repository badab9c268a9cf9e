"""All runs that train or wait for their turn, in that order: to look at, to move up, to withdraw."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import streamlit as st

from mnist_core import paths
from mnist_core.errors import MnistError
from mnist_core.insight.time_left import seconds_left
from mnist_core.runs.run import Run
from mnist_core.runs.status import is_at_work, status_of
from mnist_core.workers import control, queue
from mnist_core.workers.standstill import Kind, standing_still
from pages.components.shared import address, toasts
from pages.components.shared import format as fmt
from pages.components.shared.cached import glance_of, history_of
from pages.components.shared.labels import BADGES, plain
from pages.components.train.standing_still import ICON, NAMES, what_to_do

MAX_ROWS = 4  # before the list scrolls
MAX_ALIKE = 20  # finished runs whose speed is looked at
HEIGHT = 340  # pixels
WITHDRAW = "It leaves the queue; what it has learned is kept, and it can be resumed."


def queue_panel(known: Sequence[Run], shown: Run | None) -> None:
    """Show the queue, unless all there is in it is the run that is shown anyway."""
    rows = in_order(known)
    if not rows or rows == [shown]:
        return
    left = _seconds_left(rows, known)
    still = standing_still(paths.checkpoints_folder())
    many = len(rows) > MAX_ROWS
    with st.container(key="queue"):
        st.markdown(f"**Queue** · {_total(left)}", help="One run trains at a time; the others follow in this order.")
        with st.container(height=HEIGHT if many else "content", border=many, gap="xsmall"):
            for place, (run, seconds) in enumerate(zip(rows, left, strict=True)):
                _row(run, seconds, still.get(run.run_id), is_shown=run == shown, can_move=_can_move(rows, place))


def in_order(known: Sequence[Run]) -> list[Run]:
    """The runs that train or wait, and at the end those that are about to."""
    at_work = {run.run_id: run for run in known if is_at_work(run)}
    places = queue.at_work(paths.checkpoints_folder())
    return [at_work.pop(run_id) for run_id in places if run_id in at_work] + list(at_work.values())


def _can_move(rows: Sequence[Run], place: int) -> bool:
    """Whether at least two runs for the same device are before it: the first of them trains."""
    return sum(run.device == rows[place].device for run in rows[:place]) >= 2


def _seconds_left(rows: Sequence[Run], known: Sequence[Run]) -> list[float | None]:
    own = [run for run in known if not run.shipped and run not in rows]
    alike = [(run, glance_of(run)) for run in own[:MAX_ALIKE]]
    return [seconds_left(run, history_of(run), alike) for run in rows]


def _total(left: Sequence[float | None]) -> str:
    seconds = [each for each in left if each is not None]
    runs = fmt.count(len(left), "run")
    if not seconds:
        return runs
    until = "until about" if len(seconds) == len(left) else "at least until"
    return f"{runs}, {until} {_clock(sum(seconds))}"


def _clock(seconds: float) -> str:
    """The time of day so many seconds from now; it stays true while the page stands."""
    now = datetime.now(ZoneInfo(st.context.timezone or "UTC"))
    then = now + timedelta(seconds=seconds)
    return f"{then:%H:%M}" if then.date() == now.date() else f"{then:%a %H:%M}"


def _row(run: Run, seconds: float | None, still: Kind | None, *, is_shown: bool, can_move: bool) -> None:
    status = status_of(run, history_of(run))
    name, _, icon = BADGES[status]
    said = [f"**{ICON} {NAMES[still]}**" if still else f"{icon} {name}"]
    if seconds is not None and not still:  # else nobody knows until when
        said.append(f"until about {_clock(seconds)}" if status == "running" else f"takes {fmt.rough_duration(seconds)}")
    with st.container(gap=None):
        if is_shown:
            st.markdown(f"**{plain(run.title)}**")
        elif _pressed("show", run, plain(run.title), help="Show this run"):
            address.choose_run(run.run_id)
            st.rerun()
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            st.caption(" · ".join(said), width="content")
            if can_move and _pressed("move", run, "Move up", icon=":material/arrow_upward:"):
                _act(lambda: queue.move_up(paths.checkpoints_folder(), run.device, run.run_id))
            if status == "queued" and _pressed("withdraw", run, "Withdraw", icon=":material/close:", help=WITHDRAW):
                _act(lambda: control.stop(run))
            if status == "running" and still:
                way_out = what_to_do(run, history_of(run))
                if _pressed("stop", run, "Stop", icon=":material/stop:", help=way_out):
                    _act(lambda: control.stop(run))


def _pressed(act: str, run: Run, label: str, *, icon: str | None = None, help: str | None = None) -> bool:
    return st.button(label, key=f"{act}_{run.run_id}", type="tertiary", icon=icon, help=help)


def _act(act: Callable[[], None]) -> None:
    """Do it, and have the whole page drawn anew: it tells of the queue, too."""
    try:
        act()
    except MnistError as error:
        toasts.announce(str(error))
    st.rerun()
