"""Rules of the house that neither the linter nor the import contracts hold."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = sorted((ROOT / "omwatch").rglob("*.py"))
PROBES = sorted((ROOT / "probes").glob("*.py"))
DOMAIN = sorted((ROOT / "omwatch" / "domain").glob("*.py"))
LONGEST_FILE = 400
IMPURE = {"asyncio", "time", "random", "socket", "threading", "secrets", "os", "subprocess", "concurrent", "selectors"}
TIME_AND_CHANCE = {"time", "random", "secrets"}
FORBIDDEN_CALLS = {
    "datetime.now", "datetime.utcnow", "datetime.today", "date.today", "asyncio.sleep", "uuid.uuid1", "uuid.uuid4",
}  # fmt: skip


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def imported(module: ast.Module) -> Iterator[tuple[str, str]]:
    """Name each imported module with the name taken from it, if any."""
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.module or "", alias.name) for alias in node.names)


def uses_of_time(module: ast.Module) -> list[str]:
    """List what reads a clock, sleeps or rolls dice in a module, with its lines."""
    found = [f"import {source}" for source, _ in imported(module) if source.split(".")[0] in TIME_AND_CHANCE]
    found += ["from asyncio import sleep" for pair in imported(module) if pair == ("asyncio", "sleep")]
    for node in ast.walk(module):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name | ast.Attribute):
            owner = node.value.id if isinstance(node.value, ast.Name) else node.value.attr
            if f"{owner}.{node.attr}" in FORBIDDEN_CALLS:
                found.append(f"{owner}.{node.attr} in line {node.lineno}")
    return found


def undocumented(path: Path) -> list[str]:
    """List the public module, classes and functions whose docstring is missing or has no full first sentence."""
    module = tree(path)
    public: list[tuple[str, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef]] = [("module", module)]
    owners: list[ast.Module | ast.ClassDef] = [module]
    while owners:
        for node in owners.pop().body:
            if not isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            dunder_or_private = node.name.startswith("_")
            overload = any(isinstance(mark, ast.Name) and mark.id == "overload" for mark in node.decorator_list)
            if not dunder_or_private and not overload:
                public.append((node.name, node))
            if isinstance(node, ast.ClassDef) and not dunder_or_private:
                owners.append(node)
    return [f"{name(path)}: {what}" for what, node in public if not is_sentence(ast.get_docstring(node))]


def is_sentence(docstring: str | None) -> bool:
    first = (docstring or "").split("\n\n")[0].strip()
    return len(first.split()) > 1 and first.endswith((".", "!", "?", '."'))


@pytest.mark.parametrize("path", DOMAIN, ids=name)
def test_the_domain_imports_the_standard_library_and_itself_alone(path: Path) -> None:
    for source, _ in imported(tree(path)):
        top = source.split(".")[0]
        assert f"{source}.".startswith("omwatch.domain.") or top in sys.stdlib_module_names, source
        assert top not in IMPURE, source


@pytest.mark.parametrize("path", DOMAIN, ids=name)
def test_the_domain_never_waits_and_never_opens_anything(path: Path) -> None:
    for node in ast.walk(tree(path)):
        assert not isinstance(node, ast.AsyncFunctionDef | ast.Await | ast.AsyncWith | ast.AsyncFor)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in {"open", "print", "input", "eval", "exec", "__import__"}


@pytest.mark.parametrize("path", [path for path in PACKAGE + PROBES if path.name != "clock.py"], ids=name)
def test_only_the_clock_reads_time_and_rolls_dice(path: Path) -> None:
    assert uses_of_time(tree(path)) == []


def test_the_clock_does_read_time_so_the_search_finds_something() -> None:
    found = " ".join(uses_of_time(tree(ROOT / "omwatch" / "clock.py")))
    for use in ("import time", "import random", "import secrets", "datetime.now", "asyncio.sleep"):
        assert use in found


@pytest.mark.parametrize("path", PACKAGE + PROBES, ids=name)
def test_everything_public_says_what_it_is_in_a_full_sentence(path: Path) -> None:
    assert undocumented(path) == []


@pytest.mark.parametrize("path", PACKAGE + PROBES, ids=name)
def test_no_file_is_too_long_to_be_read_at_once(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE


def test_there_is_something_to_look_at() -> None:
    assert len(PACKAGE) > 50
    assert len(DOMAIN) > 10
    assert len(PROBES) >= 4
