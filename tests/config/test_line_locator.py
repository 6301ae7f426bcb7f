"""The line of every key of a TOML document."""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from omwatch.config.lines import KeyPath, locate


def test_tables_keys_and_dotted_keys_have_their_lines() -> None:
    lines = locate('a = 1\n\n[b]\nc.d = 2 # not [here]\n\n  [b.e . "f.g"]\nh = "[x]"\n')
    assert lines == {
        ("a",): 1,
        ("b",): 3,
        ("b", "c"): 4,
        ("b", "c", "d"): 4,
        ("b", "e"): 6,
        ("b", "e", "f.g"): 6,
        ("b", "e", "f.g", "h"): 7,
    }


def test_inline_tables_and_arrays_have_the_lines_of_their_parts() -> None:
    lines = locate('p = { x = 1, y = { z = "}" } }\nq = [\n  "]", # one\n  { r = 2 },\n  [3,\n  4],\n]\ns = 5\n')
    assert lines == {
        ("p",): 1,
        ("p", "x"): 1,
        ("p", "y"): 1,
        ("p", "y", "z"): 1,
        ("q",): 2,
        ("q", 0): 3,
        ("q", 1): 4,
        ("q", 1, "r"): 4,
        ("q", 2): 5,
        ("q", 2, 0): 5,
        ("q", 2, 1): 6,
        ("s",): 8,
    }


def test_arrays_of_tables_are_counted() -> None:
    lines = locate("[[a]]\nb = 1\n[[a]]\nb = 2\n[a.c]\nd = 3\n[[a.e]]\n[[a.e]]\nf = 4\n")
    assert lines == {
        ("a",): 1,
        ("a", 0): 1,
        ("a", 0, "b"): 2,
        ("a", 1): 3,
        ("a", 1, "b"): 4,
        ("a", 1, "c"): 5,
        ("a", 1, "c", "d"): 6,
        ("a", 1, "e"): 7,
        ("a", 1, "e", 0): 7,
        ("a", 1, "e", 1): 8,
        ("a", 1, "e", 1, "f"): 9,
    }


def test_text_of_many_lines_moves_what_follows_and_hides_what_it_holds() -> None:
    text = 'a = """\n[b]\nc = 1 \\""" still\\\n"""\n'
    text += "d = '''\n[e]\n'''\n"
    text += '"f\\tg" = """x"""""\nh = 2024-01-01 10:00:00\n'
    assert tomllib.loads(text)["f\tg"] == 'x""'
    assert locate(text) == {("a",): 1, ("d",): 5, ("f\tg",): 8, ("h",): 9}


def test_windows_line_ends_count_once() -> None:
    assert locate("a = 1\r\n\r\n[b]\r\nc = [\r\n1,\r\n]\r\nd = 2\r\n")[("b", "d")] == 7


@given(st.text(alphabet="ab[]{}=.,\"'#\n \\1", max_size=60))
def test_whatever_is_written_the_search_ends_and_agrees_with_tomllib(text: str) -> None:
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    assert set(locate(text)) == set(paths(tree))


keys = st.text(alphabet="abc-_ .\"'#=[]é\n", min_size=0, max_size=4)
scalars = st.one_of(
    st.integers(-5, 5),
    st.booleans(),
    st.sampled_from([1.5, -0.25]),
    st.text(alphabet="ab \"'\\#[]{},=\n", max_size=8),
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(keys, inner, max_size=3)),
    max_leaves=8,
)
tables = st.dictionaries(keys, values, max_size=4)


@given(tree=tables, data=st.data())
def test_every_path_has_the_line_that_its_writer_put_it_on(tree: dict[str, object], data: st.DataObject) -> None:
    page = Page(data)
    page.table(tree, ())
    assert tomllib.loads(page.text) == tree
    assert locate(page.text) == page.lines


def paths(value: object, path: KeyPath = ()) -> Iterator[KeyPath]:
    items: Mapping[str | int, object] = {}
    if isinstance(value, dict):
        items = value
    elif isinstance(value, list):
        items = dict(enumerate(value))
    for part, inner in items.items():
        yield (*path, part)
        yield from paths(inner, (*path, part))


@dataclass
class Page:
    """Writes a document in whatever style the data draws, and notes the line of each path as it goes."""

    data: st.DataObject
    text: str = ""
    lines: dict[KeyPath, int] = field(default_factory=dict)

    def table(self, tree: Mapping[str, object], path: KeyPath) -> None:
        later = {}
        for key, value in tree.items():
            if self.may_have_a_header(value):
                later[key] = value
            else:
                self.pair(key, value, path, breakable=True)
                self.text += self.data.draw(st.sampled_from(["\n", " # [no] = 1\n", "\n\n"]))
        for key, value in later.items():
            if isinstance(value, dict):
                self.section((*path, key), value)
            elif isinstance(value, list):
                for place, item in enumerate(value):
                    self.section((*path, key, place), item)

    def may_have_a_header(self, value: object) -> bool:
        if isinstance(value, list):
            return bool(value) and all(isinstance(item, dict) for item in value)
        return isinstance(value, dict) and self.data.draw(st.booleans())

    def section(self, path: KeyPath, tree: Mapping[str, object]) -> None:
        header = ".".join(self.key(part) for part in path if isinstance(part, str))
        is_item = isinstance(path[-1], int)
        if is_item:
            self.note(path[:-1])
        self.note(path)
        self.text += f"[[{header}]]\n" if is_item else f"[ {header} ]\n"
        self.table(tree, path)

    def pair(self, key: str, value: object, path: KeyPath, *, breakable: bool) -> None:
        self.note((*path, key))
        self.text += self.key(key) + " = "
        self.value(value, (*path, key), breakable=breakable)

    def value(self, value: object, path: KeyPath, *, breakable: bool) -> None:
        if isinstance(value, dict):
            self.text += "{"
            for place, (key, inner) in enumerate(value.items()):
                self.text += ", " if place else " "
                self.pair(key, inner, path, breakable=False)
            self.text += "}"
        elif isinstance(value, list):
            self.text += "["
            for place, inner in enumerate(value):
                self.text += self.data.draw(st.sampled_from(["", " ", "\n", " # ]\n"])) if breakable else " "
                self.note((*path, place))
                self.value(inner, (*path, place), breakable=breakable)
                self.text += ","
            self.text += "]"
        elif isinstance(value, str):
            self.text += self.quoted(value, breakable=breakable)
        else:
            self.text += json.dumps(value)

    def quoted(self, value: str, *, breakable: bool) -> str:
        styles = [json.dumps(value)]
        if "'" not in value and "\n" not in value:
            styles.append(f"'{value}'")
        if breakable and "'" not in value:
            styles.append(f"'''\n{value}'''")
        if breakable and '"' not in value and "\\" not in value:
            styles.append(f'"""{value}"""' if not value.startswith("\n") else f'"""\n{value}"""')
        return self.data.draw(st.sampled_from(styles))

    def key(self, key: str) -> str:
        return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else json.dumps(key)

    def note(self, path: KeyPath) -> None:
        self.lines.setdefault(path, self.text.count("\n") + 1)
