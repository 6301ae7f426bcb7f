"""Finding probes: each file can break only itself."""

import os
import sys
from pathlib import Path

import pytest

from omwatch.watcher.discovery import Discovery, discover

PROBE = '''"""A probe."""

from omwatch.probe import Journey, Settings, probe


class Own(Settings):
    limit: int = 3


@probe(Own, unit="subject", noun="agent")
async def {name}(journey: Journey, settings: Own) -> None:
    """Do nothing at all."""
'''


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "probes"
    folder.mkdir()
    (folder / "good.py").write_text(PROBE.format(name="good"))
    return folder


def trouble(folder: Path, text: str) -> str:
    """Return the trouble with a file of this text, whose neighbour is found all the same."""
    (folder / "foo.py").write_text(text)
    found = discover(folder)
    assert list(found.probes) == ["good"]
    assert list(found.troubles) == ["foo"]
    assert found.models["foo"] is None
    assert not [name for name in sys.modules if name.endswith(".foo") and name.startswith("_omwatch_probes")]
    return found.troubles["foo"]


def test_a_probe_is_found_with_its_settings(folder: Path) -> None:
    found = discover(folder)
    probe = found.probes["good"]
    assert (probe.name, probe.noun, probe.summary) == ("good", "agent", "Do nothing at all.")
    assert found.troubles == {}
    assert found.models == {"good": probe.settings}
    assert probe.settings().model_dump() == {"limit": 3}


def test_a_file_may_hold_several_probes(folder: Path) -> None:
    (folder / "two.py").write_text(PROBE.format(name="one") + PROBE.format(name="other"))
    assert set(discover(folder).probes) == {"good", "one", "other"}


def test_a_probe_with_two_names_in_its_file_is_one_probe(folder: Path) -> None:
    (folder / "foo.py").write_text(PROBE.format(name="foo") + "\nalias = foo\n")
    found = discover(folder)
    assert (set(found.probes), found.troubles) == ({"good", "foo"}, {})


def test_a_folder_that_is_not_there_holds_no_probes(tmp_path: Path) -> None:
    assert discover(tmp_path / "probes") == Discovery({}, {})


def test_files_that_start_with_an_underscore_are_skipped(folder: Path) -> None:
    (folder / "_helper.py").write_text("raise SystemExit")
    assert discover(folder).troubles == {}


def test_a_syntax_error_has_its_line(folder: Path) -> None:
    assert trouble(folder, "x = 1\n\ndef broken(:\n") == "probes/foo.py:3: SyntaxError: invalid syntax"


def test_an_error_while_importing_has_its_line(folder: Path) -> None:
    assert trouble(folder, "x = 1\ny = z\n") == "probes/foo.py:2: NameError: name 'z' is not defined"


def test_an_error_deeper_down_has_the_line_in_the_probe(folder: Path) -> None:
    text = "import json\n\njson.loads('{')\n"
    assert trouble(folder, text).startswith("probes/foo.py:3: JSONDecodeError: Expecting property name")


def test_a_missing_module_breaks_only_its_probe(folder: Path) -> None:
    text = "import no_such_module_at_all\n"
    assert trouble(folder, text) == "probes/foo.py:1: ModuleNotFoundError: No module named 'no_such_module_at_all'"


@pytest.mark.parametrize(
    ("raised", "told"),
    [
        ("SystemExit(3)", "SystemExit: 3"),
        ("SystemExit", "SystemExit"),
        ("GeneratorExit", "GeneratorExit"),
        ("BaseException('off')", "BaseException: off"),
    ],
)
def test_no_exception_gets_past_its_file(folder: Path, raised: str, told: str) -> None:
    assert trouble(folder, f"raise {raised}\n") == f"probes/foo.py:1: {told}"


def test_ctrl_c_gets_past(folder: Path) -> None:
    (folder / "foo.py").write_text("raise KeyboardInterrupt\n")
    with pytest.raises(KeyboardInterrupt):
        discover(folder)


def test_an_error_cannot_act_on_the_terminal(folder: Path) -> None:
    text = "raise ValueError('\\x1b[2J\\nfake line\\u202e')\n"
    assert trouble(folder, text) == "probes/foo.py:1: ValueError: ␛[2J fake line\ufffd"


def test_a_file_without_a_probe_is_a_trouble(folder: Path) -> None:
    expected = "probes/foo.py: defines no probe; decorate an async function with @probe(…)"
    assert trouble(folder, "x = 1\n") == expected


def test_a_file_with_a_null_byte_is_a_trouble(folder: Path) -> None:
    assert trouble(folder, "x = 1\0\n").startswith("probes/foo.py: ")


def test_a_setting_named_like_a_common_key_is_a_trouble(folder: Path) -> None:
    text = PROBE.format(name="foo").replace("limit", "every")
    expected = "probes/foo.py: its setting 'every' has the name of a key that every check has; rename it"
    assert trouble(folder, text) == expected


def test_a_file_that_everybody_can_write_is_not_run(folder: Path, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    (folder / "foo.py").write_text(f"open({str(ran)!r}, 'w')\n")
    (folder / "foo.py").chmod(0o666)
    found = discover(folder)
    assert found.troubles == {
        "foo": "probes/foo.py: can be written by everybody, so it is not run; mend that with chmod o-w"
    }
    assert not ran.exists()


def test_a_file_of_another_user_is_not_run(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    status = os.stat_result((0o100644, 0, 0, 1, 65_534, 65_534, 0, 0, 0, 0))
    monkeypatch.setattr(os, "fstat", lambda _: status)
    assert discover(folder) == Discovery(
        {}, {"good": "probes/good.py: belongs to another user, so it is not run; take it over with chown"}
    )


def test_a_folder_that_everybody_can_write_holds_nothing_that_is_run(folder: Path) -> None:
    folder.chmod(0o777)
    assert discover(folder).troubles == {
        "good": "probes/good.py: its folder can be written by everybody, so it is not run; mend that with chmod o-w"
    }
    folder.chmod(0o1777)
    assert discover(folder).troubles == {}


def test_a_pipe_named_like_a_probe_is_a_trouble_and_never_waited_for(folder: Path) -> None:
    os.mkfifo(folder / "foo.py")
    assert discover(folder).troubles == {"foo": "probes/foo.py: is no regular file"}


def test_a_folder_named_like_a_probe_is_a_trouble(folder: Path) -> None:
    (folder / "foo.py").mkdir()
    assert discover(folder).troubles == {"foo": "probes/foo.py: cannot be read: Is a directory"}


def test_two_probes_of_one_name_are_a_trouble_and_neither_is_used(folder: Path) -> None:
    (folder / "zweiter.py").write_text(PROBE.format(name="good"))
    assert discover(folder) == Discovery(
        {}, {"good": "probes/zweiter.py: defines the probe 'good', and so does probes/good.py; rename one"}
    )


def test_a_broken_file_is_known_by_the_probes_it_promised(folder: Path) -> None:
    (folder / "foo.py").write_text(PROBE.format(name="bar") + PROBE.format(name="baz") + "\nraise ValueError\n")
    assert set(discover(folder).troubles) == {"bar", "baz"}


def test_no_bytecode_is_left_behind_or_believed(folder: Path) -> None:
    discover(folder)
    assert [path.name for path in folder.iterdir()] == ["good.py"]


def test_an_edited_probe_is_read_anew(folder: Path) -> None:
    assert discover(folder).probes["good"].summary == "Do nothing at all."
    (folder / "good.py").write_text(PROBE.format(name="good").replace("nothing at all", "anything"))
    assert discover(folder).probes["good"].summary == "Do anything."


def test_the_folder_never_enters_the_import_path(folder: Path) -> None:
    before = list(sys.path)
    expected = "probes/foo.py:1: ModuleNotFoundError: No module named 'good'"
    assert trouble(folder, "import good\n") == expected
    assert sys.path == before
