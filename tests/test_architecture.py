"""Arrows point one way: pages -> components -> core, and in the core from room to room. Every file is looked at."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
CORE = sorted((ROOT / "mnist_core").rglob("*.py"))
PAGES = sorted((ROOT / "pages").rglob("*.py"))
COMPONENTS = [path for path in PAGES if path.is_relative_to(ROOT / "pages" / "components")]

# In reading order: a room may import those before it, and itself. What belongs to no room may be imported by all.
ROOMS = (
    *("statistics", "images", "datasets", "networks", "reading", "training", "runs", "finetuning", "workers"),
    *("insight", "figures", "export", "cli"),
)
NO_ROOM = {"errors", "decode", "types", "registry", "config", "paths", "format", "files", "machine"}
# The same of the pages' components: a shelf may use those before it.
SHELVES = ("server", "shared", "predict", "teach", "train", "evaluate", "time_machine", "runs", "home")


def name_of(path: Path) -> str:
    """`mnist_core.runs.store`; a package is called by its folder."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {name_of(path): path for path in [*CORE, *PAGES]}


def imported(path: Path, *, for_types: bool = True) -> set[str]:
    """Every module a file imports, anywhere in it, inside functions too; also those that only mypy sees, if wanted."""
    names: set[str] = set()
    tree = ast.parse(path.read_text(encoding="utf8"))
    checks = [node for node in ast.walk(tree) if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"]
    unseen = set() if for_types else {node for check in checks for line in check.body for node in ast.walk(line)}
    for node in ast.walk(tree):
        if node in unseen:
            continue
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: imports say their whole name"
            assert node.module
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                names.add(whole if whole in MODULES else node.module)
    return names


def loaded_after(code: str) -> set[str]:
    script = f"import sys\n{code}\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def room_of(module: str) -> str:
    """The room of a module of the core; its own name if it belongs to none."""
    room = module.removeprefix("mnist_core.").partition(".")[0]
    return room if room in ROOMS else module


def arrows() -> dict[tuple[str, str], list[str]]:
    """Every import from one room of the core into another, as `who -> whom`."""
    found: dict[tuple[str, str], list[str]] = {}
    for path in CORE:
        importer = name_of(path)
        for module in sorted(imported(path)):
            rooms = (room_of(importer), room_of(module))
            if module.startswith("mnist_core.") and rooms[0] != rooms[1]:
                found.setdefault(rooms, []).append(f"{importer} -> {module}")
    return found


def circles(graph: dict[str, set[str]]) -> list[list[str]]:
    """Groups of modules each of which imports, by whatever way round, every other (Tarjan 1972)."""
    order: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(module: str) -> None:
        order[module] = low[module] = len(order)
        stack.append(module)
        for other in sorted(graph.get(module, ())):
            if other not in order:
                visit(other)
                low[module] = min(low[module], low[other])
            elif other in stack:
                low[module] = min(low[module], order[other])
        if low[module] == order[module]:
            group = stack[stack.index(module) :]
            del stack[stack.index(module) :]
            if len(group) > 1:
                found.append(sorted(group))

    for module in graph:
        if module not in order:
            visit(module)
    return found


def test_every_folder_of_the_core_is_a_room():
    folders = {path.name for path in (ROOT / "mnist_core").iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert folders == set(ROOMS)
    loose = {path.stem for path in (ROOT / "mnist_core").glob("*.py")}
    assert loose - {"__init__", "__main__"} == NO_ROOM


def test_a_room_says_in_a_sentence_what_it_is_for():
    packages = [path for path in [*CORE, *COMPONENTS] if path.name == "__init__.py"]
    assert len(packages) >= len(ROOMS) + len(SHELVES)
    for path in packages:
        docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf8")))
        assert docstring, f"{path} says nothing"
        assert docstring.endswith("."), path


def test_rooms_import_only_rooms_before_them():
    order = {room: place for place, room in enumerate(ROOMS)} | {"mnist_core.__main__": len(ROOMS)}
    wrong = [said for rooms, said in arrows().items() if order.get(rooms[1], -1) > order.get(rooms[0], -1)]
    assert not wrong


def test_no_module_imports_itself_by_a_way_round():
    assert not circles({name: imported(path) for name, path in MODULES.items()})


def test_a_circle_would_be_found():
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"a", "d"}, "d": set()}) == [["a", "b", "c"]]


def test_components_use_only_shelves_before_theirs():
    order = {shelf: place for place, shelf in enumerate(SHELVES)}
    assert {path.parent.name for path in COMPONENTS} == set(SHELVES)
    for path in COMPONENTS:
        for module in imported(path):
            if module.startswith("pages.components."):
                assert order[module.split(".")[2]] <= order[path.parent.name], f"{name_of(path)} -> {module}"


@pytest.mark.parametrize("path", CORE, ids=name_of)
def test_the_core_knows_nothing_of_pages(path):
    assert not {name for name in imported(path) if name.split(".")[0] in ("streamlit", "pages")}


@pytest.mark.parametrize("path", COMPONENTS, ids=name_of)
def test_components_do_not_import_pages(path):
    pages = {f"pages.{page.stem}" for page in (ROOT / "pages").glob("*.py")}
    assert not imported(path) & pages


def test_importing_the_core_brings_no_streamlit_and_no_torch():
    assert not {"streamlit", "torch"} & loaded_after("import mnist_core")


def test_what_pages_import_brings_no_torch():
    """The app is on screen in two seconds because torch is imported only when something is computed."""
    names = sorted({n for path in PAGES for n in imported(path, for_types=False) if n.startswith("mnist_core.")})
    needed_late = {
        "mnist_core.reading.one_or_several",
        "mnist_core.reading.predict",
        "mnist_core.runs.checkpoint",
    }  # imported inside functions
    loaded = loaded_after("\n".join(f"import {name}" for name in names if name not in needed_late))
    assert "mnist_core.runs.store" in loaded
    assert not {"torch", "torchvision", "sklearn"} & loaded


@pytest.mark.parametrize("path", [*CORE, *PAGES], ids=name_of)
def test_nothing_loads_pickles(path):
    text = path.read_text(encoding="utf8")
    for risky in ("pickle.load", "weights_only=False", "allow_pickle=True", "eval(", "exec("):
        found = text.replace("model.eval(", "").replace(".eval()", "")
        assert risky not in found, f"{path.name} has {risky}"
