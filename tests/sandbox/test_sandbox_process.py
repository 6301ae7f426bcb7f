"""The sandbox as a process: how it ends, and what the commands say to it."""

import json
import signal
import smtplib
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from omwatch.clock import SystemClock
from omwatch.config.addresses import read_record
from omwatch.config.home import Home

COMMAND = [sys.executable, "-m", "omwatch", "sandbox"]


def start(home: Path, *options: str) -> subprocess.Popen[str]:
    child = subprocess.Popen(
        [*COMMAND, "--home", str(home), *options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert child.stderr is not None
    assert "the sandbox is ready" in child.stderr.readline()
    return child


def finish(child: subprocess.Popen[str]) -> tuple[int, str]:
    """Wait for the end; return the exit status and all that was still said on stderr."""
    _, said = child.communicate(timeout=10)
    return child.returncode, said


def say(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [*COMMAND, *words, "--home", str(home)]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home whose sandbox runs for all tests of this module."""
    home = tmp_path_factory.mktemp("home")
    child = start(home)
    yield home
    child.send_signal(signal.SIGTERM)
    assert finish(child) == (0, "")


def hang_on(home: Path, connections: int) -> list[socket.socket]:
    record = read_record(Home(home))
    assert record is not None
    assert say(home, "fault", "agent-login", "--hang").returncode == 0
    host, port = record.addresses["agent-login"].removeprefix("http://").split(":")
    body = b'{"user": "agent-01"}'
    request = b"POST /media-bar/login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
    clients = []
    for _ in range(connections):
        client = socket.create_connection((host, int(port)))
        client.sendall(request)
        clients.append(client)
    return clients


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_within_a_second_even_with_hung_connections(tmp_path: Path, how: signal.Signals) -> None:
    clock = SystemClock()
    child = start(tmp_path)
    clients = hang_on(tmp_path, 200)
    started = clock.monotonic()
    child.send_signal(how)
    assert finish(child) == (0, "")
    assert clock.monotonic() - started < 1
    for client in clients:
        client.close()
    assert read_record(Home(tmp_path)) is None


def test_the_end_of_standard_input_ends_it_when_asked_to(tmp_path: Path) -> None:
    child = start(tmp_path, "--until-stdin-closes")
    assert finish(child) == (0, "")  # communicate() closes our end of the pipe


def test_addresses_are_printed_one_a_line(tmp_path: Path) -> None:
    child = start(tmp_path)
    child.send_signal(signal.SIGTERM)
    printed, _ = child.communicate(timeout=10)
    assert [line.split()[0] for line in printed.splitlines()] == [
        "agent-login",
        "screen-pop",
        "chat-routing",
        "email-routing",
        "control",
        "smtp",
        "imap",
        "sink",
    ]


def test_a_second_one_in_the_same_home_is_refused(running: Path) -> None:
    said = say(running)
    assert said.returncode == 1
    assert "a sandbox runs in" in said.stderr
    assert said.stdout == ""


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["agent-login", "--subjects", "0.4"], "agent-login: 40 % of subjects fail"),
        (["agent-login", "--subjects", "0.4", "--status", "500"], "agent-login: 40 % of subjects fail with status 500"),
        (["screen-pop", "--attempts", "0.4"], "screen-pop: 40 % of attempts fail"),
        (["screen-pop", "--latency", "2s"], "screen-pop: all attempts are answered 2 s late"),
        (["chat-routing", "--status", "503"], "chat-routing: all attempts fail with status 503"),
        (["chat-routing", "--hang"], "chat-routing: all attempts get no answer"),
        (["email-routing", "--reset"], "email-routing: all attempts have their connection reset"),
        (["email-routing", "--wrong", "--subjects", "0.5"], "email-routing: 50 % of subjects get a wrong answer"),
        (["email-routing", "--down"], "email-routing: down, connections are refused"),
        (["email-routing", "--clear"], "email-routing is healthy again"),
        (["--clear"], "every journey is healthy again"),
    ],
)
def test_the_fault_command_says_what_is_now_in_force(running: Path, words: list[str], sentence: str) -> None:
    said = say(running, "fault", *words)
    assert (said.returncode, said.stdout, said.stderr) == (0, f"{sentence}\n", "")


def test_the_fault_command_alone_lists_what_is_in_force(running: Path) -> None:
    say(running, "fault", "--clear")
    assert say(running, "fault").stdout == "every journey is healthy\n"
    say(running, "fault", "agent-login", "--hang")
    say(running, "fault", "screen-pop", "--wrong")
    assert say(running, "fault").stdout.splitlines() == [
        "agent-login: all attempts get no answer",
        "screen-pop: all attempts get a wrong answer",
    ]


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["agent-logn", "--hang"], "no journey 'agent-logn'; did you mean 'agent-login'?"),
        (["agent-login", "--subjects", "1.4"], "subjects is a share from 0 to 1, such as 0.4; got 1.4"),
        (["agent-login", "--subjects", "many"], "--subjects"),
        (["agent-login", "--latency", "soon"], "--latency 'soon' must be a duration such as"),
        (["agent-login", "--status", "200"], "status is an error from 400 to 599"),
        (["agent-login", "--hang", "--reset"], "choose one of --hang and --reset"),
        (["agent-login", "--hang", "--clear"], "--clear goes alone"),
        (["agent-login", "--down", "--subjects", "0.4"], "down closes the listener for everyone"),
        (["agent-login"], "say how agent-login should fail: --subjects,"),
        (["--hang"], "name the journey that should fail"),
    ],
)
def test_a_fault_that_makes_no_sense_is_a_usage_error(running: Path, words: list[str], complaint: str) -> None:
    said = say(running, "fault", *words)
    assert said.returncode == 2
    assert complaint in said.stderr
    assert said.stdout == ""


@pytest.mark.parametrize("words", [["fault"], ["fault", "agent-login", "--hang"], ["mail"], ["mail", "--json"]])
def test_without_a_sandbox_the_commands_say_what_to_do(tmp_path: Path, words: list[str]) -> None:
    said = say(tmp_path, *words)
    assert said.returncode == 1
    assert f"no sandbox runs in {tmp_path}; start one with 'omwatch sandbox" in said.stderr


def test_mail_is_a_table_for_people_and_json_for_scripts(running: Path) -> None:
    assert json.loads(say(running, "mail", "--json").stdout) == []
    assert say(running, "mail").stdout == ""
    record = read_record(Home(running))
    assert record is not None
    host, port = record.addresses["sink"].split(":")
    with smtplib.SMTP(host, int(port), local_hostname="example.com", timeout=5) as smtp:
        smtp.sendmail("a@example.com", ["ada@example.com"], b"Subject: evil \x1b[31m red\r\n\r\nhello")
    (entry,) = json.loads(say(running, "mail", "--json").stdout)
    assert (entry["to"], entry["text"]) == ("ada@example.com", "hello\n")
    table = say(running, "mail").stdout
    assert "\x1b" not in table
    assert table.splitlines()[0].split() == ["RECEIVED", "TO", "SUBJECT"]
    assert "ada@example.com" in table.splitlines()[1]


def test_importing_the_command_costs_no_server() -> None:
    program = "import sys, omwatch.cli.sandbox; print({'starlette', 'uvicorn', 'pydantic', 'httpx'} & set(sys.modules))"
    command = [sys.executable, "-c", program]
    said = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    assert said.stdout == "set()\n"
