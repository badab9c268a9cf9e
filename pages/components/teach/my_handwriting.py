"""The person's own pictures: to look through, delete, export and fine-tune on."""

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from mnist_core import paths as places
from mnist_core.datasets import picture_store
from mnist_core.datasets.picture_store import Kept
from mnist_core.errors import MnistError
from mnist_core.runs.run import Run
from pages.components.shared import format as fmt
from pages.components.shared import toasts
from pages.components.shared.cached import kept_pictures
from pages.components.shared.digits import gallery
from pages.components.shared.labels import plain
from pages.components.teach.teaching import teaching

A_PAGE = 12  # pictures at a time
STYLE = """
<style>
/* A picture and what deletes it are one thing. */
[class*="st-key-kept_picture_"] { gap: 0; }
</style>
"""


def my_handwriting(base: Run) -> None:
    """A section that unfolds; what is in it is read only then.

    Args:
        base: the model to fine-tune.
    """
    # its label must not change: another label would be another section, folded
    section = st.expander("My handwriting", key="my_handwriting", icon=":material/folder_open:", on_change="rerun")
    with section:
        if section.open:
            try:
                _unfolded(base, kept_pictures())
            except MnistError as error:
                st.error(plain(str(error)))


def _unfolded(base: Run, pictures: Sequence[Kept]) -> None:
    if not pictures:
        st.write(
            "Nothing is kept yet. Once a digit has been read, press **Right** or choose the digit it was: the picture "
            "is kept, and the model can learn your handwriting. **Does it read me?** collects twenty at once."
        )
    else:
        _pictures(pictures)
    where = plain(str(places.handwriting_folder()))
    st.caption(f"{fmt.count(len(pictures), 'picture')} in {where}. Nothing leaves this machine.")
    if pictures:
        teaching(base, pictures)


def _pictures(pictures: Sequence[Kept]) -> None:
    st.html(STYLE)
    counts = {label: sum(picture.label == label for picture in pictures) for label in range(10)}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        label = st.pills(
            "Show only", [label for label, count in counts.items() if count], key="kept_label",
            format_func=lambda label: f"**{label}** · {counts[label]}", wrap=True,
        )  # fmt: skip
        st.download_button(
            "Export", lambda: picture_store.export(places.handwriting_folder()), "my-handwriting.zip",
            "application/zip",
            icon=":material/download:", on_click="ignore", key="export_kept", help="All of them, as a zip file.",
        )  # fmt: skip
        st.button("Delete all", icon=":material/delete:", on_click=_delete_all, key="delete_kept",
                  args=([picture.path for picture in pictures],))  # fmt: skip
    shown = [picture for picture in pictures if label is None or picture.label == label]
    shown.sort(key=lambda picture: picture.path.name, reverse=True)  # names begin with a time: the newest first
    pages = -(-len(shown) // A_PAGE)
    number = st.pagination(pages, key=f"kept_page_{label}_{pages}") if pages > 1 else 1
    with st.container(horizontal=True, gap="small"):
        for picture in shown[(number - 1) * A_PAGE : number * A_PAGE]:
            _one(picture)


def _one(picture: Kept) -> None:
    name = f"{picture.label}-{picture.path.stem}"
    with st.container(key=f"kept_picture_{name}", width=88):
        if picture.image is None:
            st.caption(f"{picture.label}: {plain(picture.path.name)} cannot be read", help=plain(picture.problem))
        else:
            gallery([picture.image], [""], alts=[f"Your {picture.label}"], side=84)
        st.button(str(picture.label), icon=":material/delete:", type="tertiary", on_click=_delete,
                  args=([picture.path],), key=f"drop_{name}", help="Delete this picture")  # fmt: skip


def _delete(paths: Sequence[Path]) -> None:
    try:
        picture_store.delete(paths, places.handwriting_folder())
    except MnistError as error:
        toasts.announce(plain(str(error)))


@st.dialog("Delete all your pictures?", on_dismiss="rerun")
def _delete_all(paths: Sequence[Path]) -> None:
    st.write(
        f"**{fmt.count(len(paths), 'picture')}** of yours will be deleted from the disk. This cannot be undone; "
        "models already fine-tuned on them stay as they are."
    )
    if st.button("Delete for good", type="primary", icon=":material/delete:", key="confirm_delete_kept",
                 on_click=_delete, args=(paths,)):  # fmt: skip
        st.rerun()
