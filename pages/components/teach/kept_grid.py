"""The person's own pictures in a grid, each with what the model reads in it: to open, relabel, delete and export."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import streamlit as st

from mnist_core import paths as places
from mnist_core.datasets import picture_store
from mnist_core.datasets.picture_store import Kept
from mnist_core.errors import MnistError
from mnist_core.runs.run import Run
from mnist_core.types import NOT_A_DIGIT, Prediction
from pages.components.shared import format as fmt
from pages.components.shared import toasts
from pages.components.shared.cached import readings_of
from pages.components.shared.digits import gallery
from pages.components.shared.labels import plain
from pages.components.teach.deleted import last_deleted, remember_deleted
from pages.components.teach.kept_picture import is_right, label_name, open_picture, read_in_short

A_PAGE = 24  # pictures at a time
STYLE = """
<style>
/* A picture and what belongs to it are one thing. */
[class*="st-key-kept_picture_"], [class*="st-key-kept_row_"] { gap: 0; }
[class*="st-key-kept_row_"] button { min-width: 2.5rem; min-height: 2.5rem; }
</style>
"""


def kept_grid(run: Run, pictures: Sequence[Kept]) -> None:
    """All that is kept, a page at a time, with what `run` reads in it.

    Args:
        pictures: what is no digit among them.
    """
    st.subheader("Kept pictures", anchor=False)
    _offer_undo()
    where = plain(str(places.handwriting_folder()))
    if not pictures:
        st.write(
            "Nothing is kept yet. Draw twenty digits above and keep them, or press **Right** below an answer on the "
            "Predict page: the model can learn your handwriting from them."
        )
    else:
        st.html(STYLE)
        _tiles(run, _filtered(pictures))
        _say_rejected(run, [picture for picture in pictures if picture.label == NOT_A_DIGIT])
    st.caption(f"{fmt.count(len(pictures), 'picture')} in {where}. Nothing leaves this machine.")


def _filtered(pictures: Sequence[Kept]) -> list[Kept]:
    """What to show of them, the newest first."""
    counts = {label: sum(picture.label == label for picture in pictures) for label in range(NOT_A_DIGIT + 1)}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        label = st.pills(
            "Show only", [label for label, count in counts.items() if count], key="kept_label",
            format_func=lambda label: f"**{label_name(label)}** · {counts[label]}", wrap=True,
        )  # fmt: skip
        st.download_button(
            "Export", lambda: picture_store.export(places.handwriting_folder()), "my-handwriting.zip",
            "application/zip",
            icon=":material/download:", on_click="ignore", key="export_kept", help="All of them, as a zip file.",
        )  # fmt: skip
        st.button("Delete all", icon=":material/delete:", on_click=_delete_all, key="delete_kept",
                  args=([picture.path for picture in pictures],))  # fmt: skip
    shown = [picture for picture in pictures if label is None or picture.label == label]
    shown.sort(key=lambda picture: picture.path.name, reverse=True)  # names begin with a time
    pages = -(-len(shown) // A_PAGE)
    number = st.pagination(pages, key=f"kept_page_{label}_{pages}") if pages > 1 else 1
    return shown[(number - 1) * A_PAGE : number * A_PAGE]


def _tiles(run: Run, shown: Sequence[Kept]) -> None:
    images = [picture.image for picture in shown if picture.image is not None]
    read = iter(readings_of(run, np.stack(images)) if images else [])
    with st.container(horizontal=True, gap="medium"):
        for picture in shown:
            _tile(run, picture, next(read) if picture.image is not None else None)


def _tile(run: Run, picture: Kept, read: Prediction | None) -> None:
    label = label_name(picture.label)
    name = f"{picture.path.parent.name}-{picture.path.stem}"
    with st.container(key=f"kept_picture_{name}", width=104):
        if picture.image is None or read is None:
            st.caption(f"{label}: {plain(picture.path.name)} cannot be read", help=plain(picture.problem))
        else:
            caption = f"{label}, read as\n{read_in_short(read)}"
            wrong = not is_right(picture.label, read)
            gallery([picture.image], [caption], alts=[f"Your {label}"], wrong=[wrong], side=84)
        with st.container(key=f"kept_row_{name}", horizontal=True, gap=None):
            if read is not None:
                st.button("", icon=":material/open_in_full:", type="tertiary", key=f"open_{name}",
                          on_click=open_picture, args=(run, picture, read), help="Open or relabel it")  # fmt: skip
            st.button("", icon=":material/delete:", type="tertiary", on_click=_delete, args=(picture,),
                      key=f"drop_{name}", help="Delete this picture")  # fmt: skip


def _say_rejected(run: Run, none: Sequence[Kept]) -> None:
    """Pictures that are no digit are not learned from; how many the model rejects is said."""
    images = [picture.image for picture in none if picture.image is not None]
    if not images:
        return
    n = fmt.count(len(images), "picture")
    if not run.model.refuses:
        st.caption(f"{n} kept as not a digit: this model cannot reject anything, and never learns from them.")
        return
    rejected = sum(not read.is_digit for read in readings_of(run, np.stack(images)))
    st.caption(f"Of {n} kept as not a digit this model rejects {rejected}. It never learns from them.")


def _delete(picture: Kept) -> None:
    try:
        remember_deleted(picture_store.take_out(picture.path, places.handwriting_folder()))
    except MnistError as error:
        toasts.announce(plain(str(error)))


def _offer_undo() -> None:
    deleted = last_deleted()
    if deleted is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        what = deleted.path.parent.name.replace("-", " ")
        st.caption(f"A picture of yours kept as {what} is deleted.", width="content")
        st.button("Undo", type="tertiary", icon=":material/undo:", on_click=_put_back, key="undo_delete")


def _put_back() -> None:
    deleted = last_deleted()
    if deleted is None:
        return
    try:
        picture_store.put_back(deleted, places.handwriting_folder())
    except MnistError as error:
        toasts.announce(plain(str(error)))
        return
    remember_deleted(None)


@st.dialog("Delete all your pictures?", on_dismiss="rerun")
def _delete_all(paths: Sequence[Path]) -> None:
    st.write(
        f"**{fmt.count(len(paths), 'picture')}** of yours will be deleted from the disk. This cannot be undone; "
        "models already fine-tuned on them stay as they are."
    )
    with st.container(horizontal=True, gap="small"):
        wanted = st.button("Delete for good", type="primary", icon=":material/delete:", key="confirm_delete_kept",
                           on_click=_delete_for_good, args=(paths,))  # fmt: skip
        if wanted or st.button("Cancel", key="cancel_delete_kept"):
            st.rerun()


def _delete_for_good(paths: Sequence[Path]) -> None:
    try:
        picture_store.delete(paths, places.handwriting_folder())
    except MnistError as error:
        toasts.announce(plain(str(error)))
    remember_deleted(None)
