"""Subscribers by command: what is printed, as lines and as JSON; lists in and out; no secret on any screen."""

import asyncio
import io
import json
import re
import stat
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from omwatch.cli import main
from omwatch.config.home import Home
from tests.broadcast.mail_server import MailServer, serving
from tests.broadcast.web_server import WebServer, serving_web
from tests.cli.running import Out, data, run

SECRET = "b00bfacec0ffee"
HOOK = f"json://user:{SECRET}@127.0.0.1:9/{SECRET}"
SHOWN = re.compile(r"json://127\.0\.0\.1:9/…[0-9a-f]{8}")


@pytest.fixture
def home(tmp_path: Path, capsys: Out) -> str:
    assert main(["init", str(tmp_path / "home")]) == 0
    capsys.readouterr()
    return str(tmp_path / "home")


@pytest.fixture
def mail_server(home: str) -> Iterator[MailServer]:
    """The home's own mail server, in a thread, as commands run loops of their own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    service = serving()
    server = asyncio.run_coroutine_threadsafe(service.__aenter__(), loop).result()
    file = Path(home) / "config.toml"
    file.write_text(file.read_text().replace('email = "sandbox:sink"', f'email = "{server.address}"'))
    yield server
    asyncio.run_coroutine_threadsafe(service.__aexit__(None, None, None), loop).result()
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


@pytest.fixture
def web() -> Iterator[WebServer]:
    with serving_web() as server:
        yield server


def all_of(capsys: Out, home: str, *words: str) -> tuple[int, str, str]:
    """Run a command, and return its exit status and all that it prints."""
    status = main([*words, "--home", home])
    said = capsys.readouterr()
    return status, said.out, said.err


def write(home: str, text: str, name: str = "list.csv") -> str:
    path = Path(home) / name
    path.write_text(text)
    return str(path)


# --- one by one ------------------------------------------------------------------------------------------------------


def test_subscribers_are_added_with_what_they_want_and_listed(home: str, capsys: Out) -> None:
    run(capsys, home, "client", "add", "Acme")
    words = (
        "--topic",
        "incident",
        "--component",
        "Agent login",
        "--least-severity",
        "2",
        "--name",
        "Ada",
        "--client",
        "acme",
    )
    assert run(capsys, home, "subscriber", "add", "ada@Example.com", *words) == "ada@example.com: added\n"
    assert run(capsys, home, "subscriber", "add", "ada@example.com", "bob@example.com") == (
        "ada@example.com: is a subscriber already\nbob@example.com: added\n"
    )
    ada, bob = run(capsys, home, "subscriber", "list").splitlines()
    assert " ".join(ada.split()) == "1 ada@example.com incident; of Agent login; severity 2 or graver (Ada, Acme)"
    assert " ".join(bob.split()) == "2 bob@example.com hotfix, incident, maintenance"
    listed = data(capsys, home, "subscriber", "list")
    assert [row["address"] for row in listed] == ["ada@example.com", "bob@example.com"]
    assert {key: listed[0][key] for key in ("topics", "components", "least_severity", "client", "state")} == {
        "topics": ["incident"],
        "components": ["Agent login"],
        "least_severity": 2,
        "client": "Acme",
        "state": "active",
    }


def test_an_empty_list_says_what_to_do(home: str, capsys: Out) -> None:
    assert "add one with 'omwatch subscriber add ADDRESS'" in run(capsys, home, "subscriber", "list")
    assert run(capsys, home, "subscriber", "list", "--state", "paused") == "no such subscribers\n"
    assert data(capsys, home, "subscriber", "list") == []


def test_a_destination_is_read_from_standard_input_and_shown_without_its_secret(
    home: str, capsys: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{HOOK}\n\nada@example.com\n"))
    added, _ = run(capsys, home, "subscriber", "add", "--stdin").splitlines()
    shown, told = added.rsplit(": ", 1)
    assert SHOWN.fullmatch(shown)
    assert told == "added"
    told = "".join(
        run(capsys, home, *words)
        for words in (
            ("subscriber", "list"),
            ("subscriber", "list", "--json"),
            ("subscriber", "show", HOOK),
            ("subscriber", "show", shown, "--json"),
            ("subscriber", "export"),
            ("subscriber", "edit", HOOK, "--name", "Our hook"),
            ("audit",),
            ("audit", "--json"),
        )
    )
    assert shown in told
    assert SECRET not in told
    assert SECRET not in Home(Path(home)).database.read_bytes().decode(errors="replace")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["nobody"], "an e-mail address has an @"),
        ([f"https://hooks.example.com/{SECRET}"], "is no destination that omwatch sends to"),
        ([f"slack://{SECRET}"], "Apprise does not understand this address of Slack"),
        ([f"json://127.0.0.1/{SECRET}?template={SECRET}"], "the parameter 'template' is not allowed"),
        (["ada@example.com", "--client", "Nobody"], "there is no client 'Nobody'"),
    ],
)
def test_what_cannot_be_added_says_why_and_repeats_no_secret(
    home: str, capsys: Out, words: list[str], why: str
) -> None:
    said = run(capsys, home, "subscriber", "add", *words, status=1)
    assert why in said
    assert SECRET not in said
    assert data(capsys, home, "subscriber", "list") == []


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["add"], "name an address to add"),
        (["add", "ada@example.com", "--topic", "gossip"], "--topic must be incident"),
        (["add", "ada@example.com", "--least-severity", "5"], "--least-severity must be 1"),
        (["edit", "ada@example.com"], "name what shall be different"),
        (["edit", "ada@example.com", "--client", "A", "--no-client"], "contradict each other"),
        (["edit", "ada@example.com", "--component", "A", "--all-components"], "contradict each other"),
        (["list", "--state", "gone"], "--state must be"),
    ],
)
def test_words_that_make_no_sense_end_with_2(home: str, capsys: Out, words: list[str], why: str) -> None:
    assert why in run(capsys, home, "subscriber", *words, status=2)


def test_what_a_subscriber_gets_is_changed_and_what_is_not_named_stays(home: str, capsys: Out) -> None:
    run(capsys, home, "client", "add", "Acme", "--contact", "ada@example.com")
    changes = ("--topic", "incident", "--topic", "subprocessor", "--component", "Agent login", "--least-severity", "1")
    said = run(capsys, home, "subscriber", "edit", "ada@example.com", *changes)
    assert said == "ada@example.com: incident, subprocessor; of Agent login; severity 1\n"
    said = run(capsys, home, "subscriber", "edit", "1", "--all-components", "--no-client", "--name", "Ada")
    assert said == "ada@example.com: incident, subprocessor; severity 1\n"
    found = data(capsys, home, "subscriber", "edit", "1", "--least-severity", "4")
    assert (found["name"], found["client"], found["least_severity"]) == ("Ada", "", 4)


def test_one_is_paused_activated_and_removed(home: str, capsys: Out) -> None:
    run(capsys, home, "subscriber", "add", "ada@example.com", "bob@example.com")
    said = run(capsys, home, "subscriber", "pause", "ada@example.com", "2")
    assert said == "ada@example.com: paused\nbob@example.com: paused\n"
    assert len(data(capsys, home, "subscriber", "list", "--state", "paused")) == 2
    assert run(capsys, home, "subscriber", "add", "ada@example.com") == (
        "ada@example.com: is a subscriber already, and is paused\n"
    )
    assert data(capsys, home, "subscriber", "activate", "1") == [
        {"id": 1, "address": "ada@example.com", "state": "active"}
    ]
    assert run(capsys, home, "subscriber", "remove", "bob@example.com") == "bob@example.com: removed\n"
    assert [row["address"] for row in data(capsys, home, "subscriber", "list")] == ["ada@example.com"]
    for command in ("pause", "activate", "remove", "show", "test"):
        assert "bob@example.com is no subscriber" in run(
            capsys, home, "subscriber", command, "bob@example.com", status=1
        )


def test_a_subscriber_is_shown_with_its_notices_newest_first(home: str, capsys: Out) -> None:
    run(capsys, home, "subscriber", "add", "ada@example.com", "--name", "Ada", "--least-severity", "2")
    assert run(capsys, home, "subscriber", "show", "ada@example.com").endswith("\n\nno notices yet\n")
    told = ("--text", "We look into it.", "--severity", "1", "--component", "Chat routing")
    run(capsys, home, "incident", "open", "Chats wait", *told)
    run(capsys, home, "incident", "resolve", "1", "--text", "It works again.")
    first, *facts, _, heading, newest, oldest = run(capsys, home, "subscriber", "show", "1").splitlines()
    assert first == "subscriber 1: ada@example.com"
    assert [" ".join(line.split()) for line in facts[:-1]] == [
        "name Ada",
        "state active",
        "topics hotfix, incident, maintenance",
        "components all",
        "severity 2 or graver",
        "client none",
    ]
    assert heading == "notices, newest first:"
    assert newest.endswith("update    2  incident 1 resolved  queued")
    assert oldest.endswith("update    1  incident 1 identified  queued")
    found = data(capsys, home, "subscriber", "show", "1", "--limit", "1")
    (notice,) = found["deliveries"]
    assert (notice["update"], notice["event"], notice["status"], notice["state"]) == (2, 1, "resolved", "queued")


# --- lists -----------------------------------------------------------------------------------------------------------


def test_a_list_comes_in_with_every_bad_row_told_and_no_good_one_lost(home: str, capsys: Out) -> None:
    path = write(home, f"\ufeffaddress,topics\nada@example.com,\nnobody,\nbob@example.com,gossip\n{HOOK},\n")
    status, out, err = all_of(capsys, home, "subscriber", "import", path, "--dry-run")
    assert (status, out) == (1, "would be 2 added, 0 changed, 0 unchanged, 2 left out; nothing was changed\n")
    assert data(capsys, home, "subscriber", "list") == []
    assert all_of(capsys, home, "subscriber", "import", path) == (
        1,
        "2 added, 0 changed, 0 unchanged, 2 left out\n",
        err,
    )
    assert err.splitlines() == [
        f"{path}:3: 'nobody': an e-mail address has an @ between a name and a domain",
        f"{path}:4: 'gossip' is no topic; write incident, hotfix, maintenance, subprocessor",
    ]
    assert len(data(capsys, home, "subscriber", "list")) == 2
    path = write(home, "email\nada@example.com\ncid@example.com\n")
    assert run(capsys, home, "subscriber", "import", path) == "1 added, 0 changed, 1 unchanged\n"
    status, out, _ = all_of(capsys, home, "subscriber", "import", write(home, "email\nx\n"), "--json")
    assert status == 1
    assert json.loads(out) == {
        "added": 0,
        "changed": 0,
        "unchanged": 0,
        "left_out": [{"line": 2, "why": "'x': an e-mail address has an @ between a name and a domain"}],
        "dry_run": False,
    }


def test_statuspages_list_comes_in(home: str, capsys: Out) -> None:
    path = write(
        home,
        "Type,Email,Phone Number,Endpoint,State,Quarantined At\n"
        "email,ada@example.com,,,active,\nemail,bob@example.com,,,quarantined,\nsms,,5550100,,active,\n",
    )
    status, out, err = all_of(capsys, home, "subscriber", "import", path, "--from", "statuspage")
    assert (status, out) == (1, "2 added, 0 changed, 0 unchanged, 1 left out\n")
    assert err.startswith(f"{path}:4: is a subscriber by sms; ")
    assert [row["state"] for row in data(capsys, home, "subscriber", "list")] == ["active", "quarantined"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"", "is empty; its first line must name the columns"),
        (b"name\nAda\n", "has no column 'address'"),
        (b"address\nJos\xe9@example.com\n", "is not in UTF-8; save it as 'CSV UTF-8'"),
        (None, "cannot be read: No such file or directory"),
    ],
)
def test_a_file_that_is_no_list_is_refused(home: str, capsys: Out, text: bytes | None, why: str) -> None:
    path = Path(home) / "list.csv"
    if text is not None:
        path.write_bytes(text)
    said = run(capsys, home, "subscriber", "import", str(path), status=1)
    assert said.startswith(f"omwatch: {path} ")
    assert why in said
    assert said.endswith("; nothing was changed\n")


def test_a_destination_in_a_list_that_cannot_be_used_is_told(home: str, capsys: Out) -> None:
    path = write(home, f"address\nslack://{SECRET}\nada@example.com\n")
    status, out, err = all_of(capsys, home, "subscriber", "import", path)
    assert (status, out) == (1, "1 added, 0 changed, 0 unchanged, 1 left out\n")
    assert "Apprise does not understand this address of Slack" in err
    assert SECRET not in err


def test_what_is_written_out_comes_in_again(home: str, capsys: Out) -> None:
    run(capsys, home, "subscriber", "add", "=1+1@example.com", "ada@example.com", HOOK, "--name", "Ada, Countess")
    path = Path(home) / "out.csv"
    said = run(capsys, home, "subscriber", "export", "--output", str(path))
    assert said == f"3 subscribers written to {path}\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    text = path.read_text()
    assert text == run(capsys, home, "subscriber", "export")
    assert text.splitlines()[1].startswith("'=1+1@example.com,")
    assert SECRET not in text
    assert run(capsys, home, "subscriber", "import", str(path)) == "0 added, 0 changed, 3 unchanged\n"


def test_a_file_that_cannot_be_written_is_told_and_leaves_nothing(home: str, capsys: Out) -> None:
    folder = Path(home) / "folder"
    folder.mkdir()
    said = run(capsys, home, "subscriber", "export", "--output", str(folder), status=1)
    assert f"--output: {folder} cannot be written" in said
    assert not list(Path(home).glob("folder.*"))


def test_a_long_list_is_printed_page_by_page_and_whole(home: str, capsys: Out) -> None:
    path = write(home, "address\n" + "".join(f"p{number}@example.com\n" for number in range(2500)))
    run(capsys, home, "subscriber", "import", path)
    assert len(run(capsys, home, "subscriber", "list").splitlines()) == 2500
    assert [row["id"] for row in data(capsys, home, "subscriber", "list")] == list(range(1, 2501))
    assert len(run(capsys, home, "subscriber", "export").splitlines()) == 2501


# --- trying one out --------------------------------------------------------------------------------------------------


def test_a_test_message_reaches_a_mailbox_and_no_ledger(home: str, capsys: Out, mail_server: MailServer) -> None:
    run(capsys, home, "subscriber", "add", "ada@example.com")
    run(capsys, home, "subscriber", "pause", "ada@example.com")
    assert run(capsys, home, "subscriber", "test", "ada@example.com") == "ada@example.com: the test was taken\n"
    message = mail_server.message()
    assert message["Subject"] == "[OpenMethods] Test: please ignore"
    assert re.fullmatch(r"<test-\S+@openmethods\.com>", message["Message-ID"])
    assert "unsubscribe/1/" in message["List-Unsubscribe"]
    assert data(capsys, home, "broadcast", "list") == []
    (entry, *_) = run(capsys, home, "audit").splitlines()
    assert "test subscriber 1: address ada@example.com" in entry


def test_a_test_message_that_is_refused_says_why_and_ends_with_1(
    home: str, capsys: Out, mail_server: MailServer
) -> None:
    mail_server.answers_to_data["ada@example.com"] = ["550 5.7.1 not here", "451 4.7.1 later"]
    run(capsys, home, "subscriber", "add", "ada@example.com")
    status, out, _ = all_of(capsys, home, "subscriber", "test", "1")
    assert (status, out) == (1, "ada@example.com: the test was refused: 550 5.7.1 not here\n")
    status, out, _ = all_of(capsys, home, "subscriber", "test", "1", "--json")
    assert status == 1
    assert json.loads(out) == {"address": "ada@example.com", "verdict": "try later", "error": "451 4.7.1 later"}


def test_a_test_message_reaches_a_destination(home: str, capsys: Out, web: WebServer) -> None:
    run(capsys, home, "subscriber", "add", f"json://127.0.0.1:{web.port}/{SECRET}")
    assert run(capsys, home, "subscriber", "test", "1").endswith(": the test was taken\n")
    (asked,) = web.asked
    assert asked.path == f"/{SECRET}"
    assert "Nothing has happened" in asked.body.decode()
    assert "unsubscribe.invalid" not in asked.body.decode()
    web.says = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
    status, out, err = all_of(capsys, home, "subscriber", "test", "1")
    assert status == 1
    assert "the test was refused: JSON webhook answered 404 Not Found" in out
    assert SECRET not in out + err


def test_without_an_e_mail_service_a_test_is_refused_with_what_to_do(home: str, capsys: Out) -> None:
    run(capsys, home, "subscriber", "add", "ada@example.com")
    said = run(capsys, home, "subscriber", "test", "ada@example.com", status=1)
    assert "ada@example.com cannot be tried out: sandbox:sink: no sandbox runs in this home" in said
