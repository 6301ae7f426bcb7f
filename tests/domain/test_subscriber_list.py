"""Lists of subscribers: what is written is read again, one bad row costs no other, and no cell can act."""

import csv
import io
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omwatch.domain import statuspage_list
from omwatch.domain.csv_table import Mistake, Unreadable
from omwatch.domain.safetext import clean
from omwatch.domain.severity import Severity
from omwatch.domain.subscriber import Subscriber, SubscriberState, Topic, Wishes
from omwatch.domain.subscriber_change import Changes
from omwatch.domain.subscriber_list import COLUMNS, Row, header, row_of, rows
from omwatch.domain.undelivered import reason
from tests.domain.builders import after

FORMULAS = "=+-@\t\r＝＋－＠"  # noqa: RUF001 - the wide forms begin a formula, too


def lines(text: str) -> Iterator[str]:
    """As a file gives them."""
    return iter(io.StringIO(text, newline=None))


def read(text: str) -> list[Row | Mistake]:
    return list(rows(lines(text)))


def only(text: str) -> Row:
    (row,) = read(text)
    assert isinstance(row, Row), row
    return row


def mistakes(text: str) -> list[tuple[int, str]]:
    return [(row.line, row.why) for row in read(text) if isinstance(row, Mistake)]


def a_subscriber(address: str = "ada@example.com", **wishes: object) -> Subscriber:
    return Subscriber(1, address, after(0), Wishes(**wishes))  # type: ignore[arg-type] # whatever a test names


# --- omwatch's own ---------------------------------------------------------------------------------------------------


def test_all_that_a_list_may_say_is_read() -> None:
    row = only(
        "address,name,topics,components,least_severity,state,client\n"
        'ada@example.com,Ada,incident; hotfix,"Agent login; Chat, voice",2,paused,Acme\n'
    )
    assert (row.line, row.address, row.state) == (2, "ada@example.com", SubscriberState.PAUSED)
    assert row.changes == Changes(
        {Topic.INCIDENT, Topic.HOTFIX}, {"Agent login", "Chat, voice"}, Severity.IMPAIRMENT, "Ada", "Acme"
    )


def test_what_no_column_says_stays_as_it_is() -> None:
    assert only("address\nada@example.com\n") == Row(2, "ada@example.com", Changes())


def test_an_empty_cell_means_all_components_no_name_and_no_client() -> None:
    row = only("address,name,topics,components,least_severity,state,client\nada@example.com,,,,,,\n")
    assert row.changes == Changes(topics=None, components=frozenset(), name="", client="")
    assert row.state is None


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_columns_are_told_apart_by_comma_semicolon_or_tab(mark: str) -> None:
    row = only(f'E-Mail{mark}Least severity{mark}Components\nada@example.com{mark}3{mark}"A;B"\n')
    assert (row.address, row.changes.least_severity, row.changes.components) == (
        "ada@example.com",
        Severity.MINOR,
        {"A", "B"},
    )


def test_every_bad_row_is_told_with_its_line_and_no_good_one_is_lost() -> None:
    found = read(
        "\n"
        "address,topics,least_severity,state\n"
        "ada@example.com,,,\n"
        ",,,\n"
        ",incident,,\n"
        "bob@example.com,incidents,,\n"
        "cid@example.com,,5,\n"
        "dan@example.com,,,gone\n"
        'eve@example.com,"incident,,\n'
        "fay@example.com,,,,,more\n"
        "gus@example.com\n"
    )
    assert [row.address for row in found if isinstance(row, Row)] == ["ada@example.com", "gus@example.com"]
    assert [(row.line, row.why) for row in found if isinstance(row, Mistake)] == [
        (5, "has no address"),
        (6, "'incidents' is no topic; write incident, hotfix, maintenance, subprocessor"),
        (7, "the least severity is something else; write 1, 2, 3 or 4"),
        (8, "the state is 'gone'; write active, unverified, paused, quarantined"),
        (9, "has a quotation mark that does not end, or ends within a cell"),
        (10, "has 6 cells, and the first line names 4 columns"),
    ]


def test_nobody_is_removed_by_a_list() -> None:
    assert mistakes("address,state\nada@example.com,removed\n")[0][1].startswith("the state is 'removed'")


def test_what_columns_that_slipped_hold_is_never_repeated() -> None:
    secret = "slack://T0KEN/B0KEN/secret"
    found = mistakes(f"address,topics,least_severity,state\nada@example.com,{secret},,\nb@example.com,,{secret},\n")
    found += mistakes(f"address,state\nada@example.com,{secret}\n")
    assert len(found) == 3
    assert not any("secret" in why or "T0KEN" in why for _, why in found)


def test_a_line_without_end_is_refused_and_the_rest_is_read() -> None:
    found = read(f"address\n{'x' * 20_000}\nada@example.com\n")
    assert found == [Mistake(2, "is longer than 10,000 characters"), Row(3, "ada@example.com")]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "is empty"),
        ("\n \n", "is empty"),
        ("name\nAda\n", "has no column 'address'"),
        ("address,adress\n", "has unknown columns: 'adress'"),
        ("address,topics,topics\n", "names 'topics' twice"),
        ('address,"na\n', "line 1: has a quotation mark"),
    ],
)
def test_a_list_that_makes_no_sense_is_refused_as_a_whole(text: str, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        read(text)


def test_a_subscriber_is_written_as_one_line() -> None:
    ada = Subscriber(
        1,
        "ada@example.com",
        after(0),
        Wishes(frozenset({Topic.INCIDENT, Topic.HOTFIX}), frozenset({"Chat"}), Severity.IMPAIRMENT),
        state=SubscriberState.QUARANTINED,
        name='Ada "the" Countess, of Lovelace',
        client="Acme",
    )
    line = 'ada@example.com,"Ada ""the"" Countess, of Lovelace",hotfix; incident,Chat,2,quarantined,Acme\n'
    assert row_of(ada) == line
    assert header() == "address,name,topics,components,least_severity,state,client\n"


@given(
    local=st.text("abc=+-'!#", min_size=1, max_size=8),
    name=st.text(max_size=40).map(clean),
    client=st.text(min_size=1, max_size=40).map(clean),
    components=st.frozensets(st.text(min_size=1, max_size=20).map(clean).filter(lambda name: name and ";" not in name)),
    severity=st.sampled_from(Severity),
    topics=st.frozensets(st.sampled_from(Topic), min_size=1),
)
def test_what_is_written_is_read_again(
    local: str, name: str, client: str, components: frozenset[str], severity: Severity, topics: frozenset[Topic]
) -> None:
    address = f"{local}@example.com"
    written = Subscriber(
        1,
        address,
        after(0),
        Wishes(topics, components, severity),
        name=name,
        client=client,
        state=SubscriberState.PAUSED,
    )
    row = only(header() + row_of(written))
    assert row == Row(2, address, Changes(topics, components, severity, name, client), SubscriberState.PAUSED)


@pytest.mark.parametrize("start", FORMULAS)
@pytest.mark.parametrize("quotes", ["", "'", "''"])
def test_no_cell_begins_a_formula(start: str, quotes: str) -> None:
    evil = f"{quotes}{start}cmd|' /C calc'!A1"
    written = row_of(Subscriber(1, "=1+1@example.com", after(0), name=evil, client=evil))
    (cells,) = csv.reader(io.StringIO(written))
    assert not any(cell.strip().startswith(tuple(FORMULAS)) for cell in cells)
    assert not any("\t" in cell or "\r" in cell for cell in cells)


def test_the_columns_that_are_written_are_those_that_are_read() -> None:
    assert tuple(header().strip().split(",")) == COLUMNS


# --- Statuspage's ----------------------------------------------------------------------------------------------------


def statuspage(text: str) -> list[Row | Mistake]:
    return list(statuspage_list.rows(lines(text)))


def test_statuspages_e_mail_subscribers_are_taken_with_their_components_and_their_state() -> None:
    found = statuspage(
        "Type,Email,Phone Number,Endpoint,State,Quarantined At,Component Names\n"
        'email,ada@example.com,,,active,,"Agent login, Chat"\n'
        "email,bob@example.com,,,unconfirmed,,\n"
        "email,cid@example.com,,,active,2026-01-05 15:00:00 UTC,\n"
        "email,dan@example.com,,,quarantined,,All components\n"
    )
    assert found == [
        Row(2, "ada@example.com", Changes(components={"Agent login", "Chat"}), SubscriberState.ACTIVE),
        Row(3, "bob@example.com", Changes(components=frozenset()), SubscriberState.UNVERIFIED),
        Row(4, "cid@example.com", Changes(components=frozenset()), SubscriberState.QUARANTINED),
        Row(5, "dan@example.com", Changes(components=frozenset()), SubscriberState.QUARANTINED),
    ]


def test_all_others_are_told_with_their_line_and_what_to_do() -> None:
    found = statuspage(
        "Email,Phone Number,Endpoint,State\n"
        ",+1 555 0100,,active\n"
        "owner@example.com,,https://hooks.example.com/s3cret,active\n"
        "ada@example.com,,,unsubscribed\n"
        ",,,active\n"
        "eve@example.com,,,active\n"
    )
    *left_out, eve = found
    assert isinstance(eve, Row)
    assert [row.line for row in left_out] == [2, 3, 4, 5]
    told = [row.why for row in left_out if isinstance(row, Mistake)]
    assert told[0].startswith("is a subscriber by sms; a text message needs")
    assert told[1].startswith("is a subscriber by webhook; add the receiver as jsons://")
    assert told[2] == "is 'unsubscribed' there; only active, unconfirmed and quarantined ones are taken"
    assert told[3] == "has no e-mail address"
    assert not any("s3cret" in why for why in told)


@pytest.mark.parametrize("between", [", ", ";", "|"])
def test_statuspages_components_may_stand_in_one_cell(between: str) -> None:
    (row,) = statuspage(f'Subscriber Type,Email Address,Components\nEmail,ada@example.com,"A b{between}C"\n')
    assert isinstance(row, Row)
    assert row.changes.components == {"A b", "C"}


def test_a_list_to_take_in_may_name_no_columns() -> None:
    found = statuspage("email,ada@example.com,yes\nsms,5550100,US\nemail,bob@example.com,no\n")
    assert [(row.line, row.address) for row in found if isinstance(row, Row)] == [
        (1, "ada@example.com"),
        (3, "bob@example.com"),
    ]
    assert [row.line for row in found if isinstance(row, Mistake)] == [2]


@pytest.mark.parametrize("text", ["", "name,topics\nAda,incident\n"])
def test_what_is_no_list_of_statuspages_is_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        statuspage(text)


# --- what becomes different, and why notices do not arrive -------------------------------------------------------


def test_changes_leave_alone_what_they_do_not_name() -> None:
    ada = a_subscriber(components=frozenset({"Chat"}), least_severity=Severity.MINOR)
    assert Changes().of(ada) == ada
    assert not Changes().any
    after_it = Changes(components=frozenset(), name="Ada").of(ada)
    assert after_it.wishes.components == frozenset()
    assert (after_it.wishes.least_severity, after_it.name) == (Severity.MINOR, "Ada")


@pytest.mark.parametrize(
    ("error", "short"),
    [
        ("550 5.1.1 <ada@example.com>: unknown", "550 5.1.1 <…>: unknown"),
        ("550-5.1.1 user 4711 unknown", "550-5.1.1 user … unknown"),
        ("451", "451"),
        ("Slack answered 404 Not Found", "Slack answered 404 Not Found"),
        ("no answer within 60 s", "no answer within … s"),
    ],
)
def test_one_trouble_is_one_reason_and_keeps_its_code(error: str, short: str) -> None:
    assert reason(error) == short
