"""Bad config files, each with the exact text that operators read."""

from collections.abc import Callable

import pytest

from omwatch.config.home import Home
from omwatch.config.load import load
from omwatch.config.problems import ConfigError

Problems = Callable[..., list[str]]

CHECK = '[checks.agent-login]\ncomponent = "Agent login"\nbase_url = "sandbox:agent-login"\n'

BAD_FILES = {
    "a misspelled key": (
        CHECK + 'evry = "10s"\n',
        ["config.toml:4 checks.agent-login.evry: unknown key; did you mean 'every'?"],
    ),
    "a misspelled key of the probe": (
        CHECK + "redy_within = 2\n",
        ["config.toml:4 checks.agent-login.redy_within: unknown key; did you mean 'ready_within'?"],
    ),
    "a misspelled table": (
        "# first line\n[wacher]\nconcurrency = 5\n",
        ["config.toml:2 wacher: unknown key; did you mean 'watcher'?"],
    ),
    "a key like no other": (
        "[site]\nzzz = 1\n",
        ["config.toml:2 site.zzz: unknown key; known here: name"],
    ),
    "a missing key": (
        '[checks.agent-login]\nbase_url = "sandbox:agent-login"\n',
        ['config.toml:1 checks.agent-login.component: missing; write for example "Agent login"'],
    ),
    "a missing key of the probe": (
        '[checks.agent-login]\ncomponent = "Agent login"\n',
        ["config.toml:1 checks.agent-login.base_url: missing"],
    ),
    "a probe that does not exist": (
        CHECK + 'probe = "agent_logon"\n',
        ["config.toml:4 checks.agent-login.probe: no probe 'agent_logon' in probes/; did you mean 'agent_login'?"],
    ),
    "a check named after no probe": (
        '[checks.fax]\ncomponent = "Fax"\n',
        ["config.toml:1 checks.fax.probe: no probe 'fax' in probes/; known here: agent_login, chat_routing, torn"],
    ),
    "a number as a word": (
        '[watcher]\nconcurrency = "fifty"\n',
        ['config.toml:2 watcher.concurrency: must be a whole number, found "fifty"; for example 50'],
    ),
    "true as a number": (
        "[judge]\nminimum = true\n",
        ["config.toml:2 judge.minimum: must be a whole number, found true; for example 10"],
    ),
    "a number as text": (
        "[site]\nname = 5\n",
        ['config.toml:2 site.name: must be text in quotes, found 5; for example "main"'],
    ),
    "a value as a table": (
        "[watcher.concurrency]\nmost = 5\n",
        ["config.toml:1 watcher.concurrency: must be a whole number, found a table; for example 50"],
    ),
    "a table as a value": (
        "page = 3\n",
        ["config.toml:1 page: must be a table, found 3"],
    ),
    "a check as a value": (
        "[checks]\nagent-login = 3\n",
        ["config.toml:2 checks.agent-login: must be a table: [checks.agent-login] and its keys below"],
    ),
    "checks as a value": (
        'checks = "all"\n',
        ['config.toml:1 checks: must be a table, found "all"'],
    ),
    "a cadence too fast": (
        CHECK + 'every = "500ms"\n',
        ['config.toml:4 checks.agent-login.every: must be at least 1 s, found "500ms"; for example "60s"'],
    ),
    "a deadline of nothing, and one too long": (
        CHECK + 'deadline = 0\n[checks.chat-routing]\ncomponent = "Chats"\nbase_url = "x"\ndeadline = "11m"\n',
        [
            'config.toml:4 checks.agent-login.deadline: must be more than 0 s, found 0; for example "10s"',
            'config.toml:8 checks.chat-routing.deadline: must be at most 600 s, found "11m"; for example "10s"',
        ],
    ),
    "a duration without a unit we know": (
        '[judge]\nlook_back = "5 fortnights"\n',
        [
            (
                'config.toml:2 judge.look_back: must be a duration such as "10s", "500ms", "2m" or "1.5h", '
                'or a number of seconds, found "5 fortnights"; for example "5m"'
            )
        ],
    ),
    "a size in the wrong unit": (
        CHECK + 'max_body = "1 MB"\n',
        [
            (
                'config.toml:4 checks.agent-login.max_body: must be a size such as "1 MiB" or "64 KiB", '
                'or a whole number of bytes, found "1 MB"; for example "1 MiB"'
            )
        ],
    ),
    "a noise too fine": (
        CHECK + 'noise = "0.15%"\n',
        [
            (
                "config.toml:4 checks.agent-login.noise: must be a share from 0 to 100 % in steps of 0.1, "
                'such as "1%" or "0.5%", found "0.15%"; for example "1%"'
            )
        ],
    ),
    "lines that cross": (
        "[judge]\noutage_percent = 30\nclear_below_percent = 40\n",
        [
            (
                "config.toml:3 judge.clear_below_percent: must not be above outage_percent, which is 30, "
                "found 40; for example 25"
            )
        ],
    ),
    "a line that crosses a default": (
        '[page]\nname = "us"\n[judge]\noutage_percent = "20%"\n',
        ["config.toml:3 judge.clear_below_percent: must not be above outage_percent, which is 20, found 25"],
    ),
    "a population without names": (
        CHECK + "population = []\n",
        [
            (
                "config.toml:4 checks.agent-login.population: must name from 1 to 10,000 subjects, "
                "found an empty list; for example 10"
            )
        ],
    ),
    "a population with a name twice": (
        CHECK + 'population = [\n  "sales",\n  "support",\n  "sales",\n]\n',
        [
            (
                "config.toml:4 checks.agent-login.population: must name each subject once; entry 3 repeats entry 1, "
                "found a list of 3; for example 10"
            )
        ],
    ),
    "a population too large": (
        CHECK + "population = 10001\n",
        ["config.toml:4 checks.agent-login.population: must be from 1 to 10,000, found 10001; for example 10"],
    ),
    "a component with markup": (
        '[checks.agent-login]\ncomponent = "[red]Login"\nbase_url = "x"\n',
        [
            (
                "config.toml:2 checks.agent-login.component: must be made of letters, digits, spaces, "
                "'-', '&' and '/', "
                'found "[red]Login"; for example "Agent login"'
            )
        ],
    ),
    "a check's name in capitals": (
        '[checks.Agent_Login]\ncomponent = "Agent login"\n',
        [
            (
                "config.toml:1 checks.Agent_Login: a check's name is made of small letters, digits and dashes, "
                "such as 'agent-login'"
            )
        ],
    ),
    "a header smuggled into the sender": (
        '[broadcast]\nsender = "Us <us@example.com>\\r\\nBcc: all@example.com"\n',
        [
            (
                "config.toml:2 broadcast.sender: must be one line, without control characters, "
                'found "Us <us@example.com> Bcc: all@example.com"; '
                'for example "OpenMethods Status <status@openmethods.com>"'
            )
        ],
    ),
    "a sender without an address": (
        '[broadcast]\nsender = "Us"\n',
        [
            (
                "config.toml:2 broadcast.sender: must be a name and an address: Name <name@example.com>, "
                'found "Us"; for example "OpenMethods Status <status@openmethods.com>"'
            )
        ],
    ),
    "a page that is no web address": (
        '[page]\nurl = "javascript:alert(1)"\n',
        [
            (
                'config.toml:2 page.url: must start with https:// or http://, found "javascript:alert(1)"; '
                'for example "https://status.openmethods.com"'
            )
        ],
    ),
    "a theme that is not there": (
        '[dashboard]\ntheme = "drak"\n',
        ["config.toml:2 dashboard.theme: no theme 'drak' in themes/; did you mean 'dark'?"],
    ),
    "one of two words": (
        CHECK + 'via = "pop3"\n',
        ["config.toml:4 checks.agent-login.via: must be 'http' or 'imap', found \"pop3\"; for example \"http\""],
    ),
    "a probe's own union": (
        CHECK + 'port = "smtp"\n',
        ['config.toml:4 checks.agent-login.port: must be a whole number, found "smtp"'],
    ),
    "a value that fits no branch of a probe's own union": (
        CHECK + 'pause = "long"\n',
        ['config.toml:4 checks.agent-login.pause: must be a whole number, found "long"; for example 0'],
    ),
    "two keys of a probe that do not go together": (
        CHECK + "port = 25\n",
        ["config.toml:1 checks.agent-login: port goes with via = 'imap'"],
    ),
    "an entry of a probe's own list": (
        CHECK + 'tags = ["a",\n  5]\n',
        ["config.toml:5 checks.agent-login.tags.1: must be text in quotes, found 5"],
    ),
    "escapes for the terminal": (
        '[page]\n"\\u001b[2J" = 1\n',
        [r'config.toml:2 page."\u001b[2J": unknown key; known here: name, url'],
    ),
    "many at once, in the order of the file": (
        '[page]\nnmae = "us"\n[judge]\nminimum = 0\n[checks.agent-login]\nevry = 5\nbase_url = 3\n',
        [
            "config.toml:2 page.nmae: unknown key; did you mean 'name'?",
            "config.toml:4 judge.minimum: must be at least 1, found 0; for example 10",
            'config.toml:5 checks.agent-login.component: missing; write for example "Agent login"',
            "config.toml:6 checks.agent-login.evry: unknown key; did you mean 'every'?",
            "config.toml:7 checks.agent-login.base_url: must be text in quotes, found 3",
        ],
    ),
    "no equals sign": (
        '[page]\nname "us"\n',
        ["config.toml:2:6: a key needs '=' and a value: key = \"text\""],
    ),
    "text without quotes": (
        "[page]\n\nname = OpenMethods\n",
        ['config.toml:3:8: no value here that TOML knows; text needs quotes: key = "text"'],
    ),
    "a quote left open": (
        '[page]\nname = "us\nurl = "https://x"\n',
        ['config.toml:2:11: text has no closing quote: key = "text"'],
    ),
    "a table twice": (
        "[page]\n[site]\n[page]\n",
        ["config.toml:3:6: this table is here for the second time; put its keys into one"],
    ),
    "a key twice": (
        '[page]\nname = "us"\nname = "them"\n',
        ["config.toml:3:14: this key is here for the second time; keep one of them"],
    ),
    "a list left open": (
        'population = ["a",\n"b"',
        ["config.toml:2:4: a list has no closing ']', or a comma is missing in it"],
    ),
}


@pytest.mark.parametrize(("text", "expected"), BAD_FILES.values(), ids=BAD_FILES.keys())
def test_a_bad_file_says_where_and_what_to_write(problems_of: Problems, text: str, expected: list[str]) -> None:
    assert problems_of(text) == expected


def test_a_file_that_is_not_utf_8_says_so(home: Home) -> None:
    home.config.write_bytes(b'[page]\nname = "M\xfcller"\n')
    with pytest.raises(ConfigError, match=r"^config\.toml:2: byte 0xfc is not UTF-8; save the file as UTF-8$"):
        load(home, {}, {})


def test_a_file_with_a_byte_order_mark_is_read(home: Home) -> None:
    home.config.write_bytes('\ufeff[page]\nname = "us"\n'.encode())
    assert load(home, {}, {}).page.name == "us"


def test_a_missing_file_says_how_to_make_a_home(home: Home) -> None:
    with pytest.raises(ConfigError) as caught:
        load(home, {}, {})
    assert str(caught.value) == f"no config.toml in {home.root}; make a home with 'omwatch init {home.root}'"


def test_a_folder_in_place_of_the_file_says_so(home: Home) -> None:
    home.config.mkdir()
    with pytest.raises(ConfigError, match=r"^config\.toml: cannot be read: Is a directory$"):
        load(home, {}, {})


def test_deep_nesting_is_refused_and_crashes_nothing(problems_of: Problems) -> None:
    assert problems_of("a = " + "[" * 100_000) == ["config.toml: lists or tables are nested too deeply"]


def test_keys_of_a_broken_probe_are_not_judged(home: Home) -> None:
    home.config.write_text('[checks.torn]\ncomponent = "Torn"\nwhatever = [1, 2]\n')
    check = load(home, {"torn": None}, {}).checks["torn"]
    assert check.settings is None
    assert check.component == "Torn"


def test_common_keys_of_a_broken_probe_are_judged(problems_of: Problems) -> None:
    text = '[checks.torn]\ncomponent = "Torn"\nwhatever = 1\nevery = 0\n'
    assert problems_of(text) == ['config.toml:4 checks.torn.every: must be at least 1 s, found 0; for example "60s"']
