"""A notice in its forms: what mails, chats and pagers say, and what a home may word itself."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from omwatch.broadcast import overriding
from omwatch.broadcast.condensed import CHAT_LIMIT
from omwatch.broadcast.rendering import UNSUBSCRIBE, Renderer, problems, render, render_folded
from omwatch.broadcast.short import LIMIT, fits, in_sms_letters
from omwatch.broadcast.specimens import specimens
from omwatch.domain.event import TRANSITIONS, Event, EventKind, EventStatus
from omwatch.domain.notice import Notice, notice
from omwatch.domain.severity import ComponentStatus
from tests.broadcast.colours import contrasts
from tests.broadcast.reading import Markup, chat
from tests.domain.builders import after, an_incident

PAGE = "https://status.example.com"
SPECIMENS = {f"{told.kind}-{told.status}": told for told in specimens()}
every_kind = pytest.mark.parametrize("told", SPECIMENS.values(), ids=list(SPECIMENS))


def told(
    title: str = "Agent login: system outage",
    text: str = "We know.",
    status: EventStatus = EventStatus.IDENTIFIED,
    components: Mapping[str, ComponentStatus] | None = None,
    page_url: str = PAGE,
) -> Notice:
    incident, update = an_incident(title, text, status)
    if components is not None:
        update = replace(update, components=components)
        incident = replace(incident, components=components, updates=(update,))
    return notice(incident, update, "OpenMethods", page_url)


def three_updates() -> list[Notice]:
    incident, first = an_incident(text="One.")
    second = replace(first, id=2, status=EventStatus.MONITORING, text="Two.", at=after(60), severity=None)
    works = dict.fromkeys(incident.components, ComponentStatus.OPERATIONAL)
    third = replace(second, id=3, status=EventStatus.RESOLVED, text="Three.", at=after(120), components=works)
    event: Event = replace(incident, updates=(first, second, third))
    return [notice(event, update, "OpenMethods", PAGE) for update in event.updates]


# --- what is said ------------------------------------------------------------------------------------------------


def test_the_text_says_everything_there_is() -> None:
    assert render(told(text="One.\nMore.\n\nTwo.")).text == (
        "Incident – identified: Agent login: system outage\n"
        "\n"
        "One.\n"
        "More.\n"
        "\n"
        "Two.\n"
        "\n"
        "Severity: System outage\n"
        "Since: 15:00 UTC on 5 January 2026\n"
        "Affected:\n"
        "- Agent login: major outage\n"
        "- Screen pop: partial outage\n"
        "\n"
        "Posted 15:00 UTC on 5 January 2026.\n"
        "Status page: https://status.example.com\n"
        "\n"
        "You get this because you subscribed to incident notices of OpenMethods.\n"
        f"Unsubscribe: {UNSUBSCRIBE}\n"
    )


def test_the_html_says_the_same() -> None:
    markup = Markup(render(told(text="One.\nMore.\n\nTwo.")).html)
    for words in ("OpenMethods", "Incident – identified", "Agent login: system outage", "One.", "More.", "Two."):
        assert words in markup.seen
    for words in ("Severity", "System outage", "Affected", "Agent login", "major outage", "partial outage"):
        assert words in markup.seen
    assert "Posted 15:00 UTC on 5 January 2026." in markup.seen
    assert markup.links == [PAGE, UNSUBSCRIBE]


def test_markdown_says_the_same() -> None:
    assert render(told(text="One.\nMore.\n\nTwo.")).markdown == (
        "**Incident – identified: Agent login: system outage**\n"
        "\n"
        "One.  \n"
        "More.\n"
        "\n"
        "Two.\n"
        "\n"
        "Severity: System outage  \n"
        "Since: 15:00 UTC on 5 January 2026\n"
        "\n"
        "- Agent login: major outage\n"
        "- Screen pop: partial outage\n"
        "\n"
        "OpenMethods, 15:00 UTC on 5 January 2026. [Status page](<https://status.example.com>)\n"
    )


def test_a_short_message_says_kind_status_components_since_and_where_to_read_on() -> None:
    assert render(told()).short == (
        "OpenMethods: Incident - identified. Agent login: major outage, Screen pop: partial outage, "
        "since 15:00 UTC 5 Jan. https://status.example.com"
    )


@every_kind
def test_every_kind_and_status_has_every_form(told: Notice) -> None:
    made = render(told)
    assert made.subject == told.subject
    assert made.title == f"{told.heading}: {told.title}"
    assert told.heading in Markup(made.html).seen
    assert chat(made.markdown).strong == [made.title]
    assert fits(made.short)
    for words in [*told.text.split("\n")[:1], *(word for fact in told.facts for word in fact)]:
        for form in (made.text, made.html, made.markdown, made.bare_text, made.bare_html):
            assert words in form
    for component, standing in told.components:
        assert f"- {component}: {standing}\n" in made.text
        assert f"- {component}: {standing}\n" in made.markdown


@every_kind
def test_mails_link_to_unsubscribe_and_what_has_no_such_link_does_not(told: Notice) -> None:
    made = render(told)
    assert made.text.count(UNSUBSCRIBE) == 1
    assert Markup(made.html).links == [told.page_url, UNSUBSCRIBE]
    for form in (made.subject, made.title, made.short, made.markdown, made.bare_text, made.bare_html):
        assert UNSUBSCRIBE not in form
        assert "nsubscribe" not in form
    assert Markup(made.bare_html).links == [told.page_url]
    assert made.text.startswith(made.bare_text)


def test_specimens_are_of_every_kind_and_status() -> None:
    assert {told.kind for told in specimens()} == set(EventKind)
    assert {told.status for told in specimens()} == set(EventStatus)
    for kind, after_ in TRANSITIONS.items():
        reachable = set().union(*after_.values())
        assert {told.status for told in specimens() if told.kind is kind} == reachable


def test_why_one_gets_it_is_said_of_each_kind() -> None:
    reasons = {told.kind: render(told).text.splitlines()[-2] for told in specimens()}
    assert reasons[EventKind.MAINTENANCE] == "You get this because you subscribed to maintenance notices of Example."
    assert len(set(reasons.values())) == len(EventKind)


# --- several in one ----------------------------------------------------------------------------------------------


def test_folded_updates_are_told_newest_first_each_with_its_time_and_status() -> None:
    made = render_folded(three_updates())
    assert made.subject == "[OpenMethods] Incident – resolved: Agent login and Screen pop (+2 earlier updates)"
    for form in (made.text, made.html, made.markdown):
        places = [form.index(words) for words in ("Three.", "Incident – monitoring", "Two.", "One.")]
        assert places == sorted(places)
    assert "\nIncident – monitoring, 15:01 UTC on 5 January 2026\n\nTwo.\n" in made.text
    assert "\n**Incident – identified, 15:00 UTC on 5 January 2026**\n\nOne.\n" in made.markdown
    assert made.short.endswith("https://status.example.com (+2 earlier)")


def test_folded_updates_stand_as_the_newest_says() -> None:
    text = render_folded(three_updates()).text
    assert "- Agent login: operational\n" in text
    assert "major outage" not in text
    assert text.count("Severity: ") == 1


def test_folding_takes_updates_in_any_order() -> None:
    assert render_folded(three_updates()[::-1]) == render_folded(three_updates())


def test_one_earlier_update_is_one() -> None:
    assert render_folded(three_updates()[:2]).subject.endswith(" (+1 earlier update)")


def test_one_folded_alone_is_as_ever() -> None:
    (first, *_) = three_updates()
    assert render_folded([first]) == render(first)


def test_nothing_cannot_be_folded() -> None:
    with pytest.raises(ValueError, match="no notice"):
        render_folded([])


# --- what fits ---------------------------------------------------------------------------------------------------

MANY = {f"Component number {number}": ComponentStatus.DEGRADED_PERFORMANCE for number in range(40)}


def test_a_chat_is_told_as_much_as_it_takes() -> None:
    made = render(told(text="word " * 2000, components=MANY)).markdown
    assert 800 < len(made) <= CHAT_LIMIT
    assert "…" in made
    assert "more\n" in made
    assert chat(made).links == [PAGE]


def test_many_earlier_updates_are_counted_where_there_is_no_room_for_them() -> None:
    first, *_ = three_updates()
    many = [replace(first, update_id=number, text=f"{number} {'word ' * 100}") for number in range(1, 31)]
    made = render_folded(many)
    assert len(made.markdown) <= CHAT_LIMIT
    assert "earlier updates\n" in made.markdown
    assert "30 word" in made.markdown
    assert "1 word" in made.text


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (1, "Component number 0: degraded performance, since"),
        (3, "Component number 0, Component number 1, Component number 2, since"),
        (40, "Component number 0 and 39 more, since"),
    ],
)
def test_a_short_message_names_as_many_components_as_it_can(number: int, said: str) -> None:
    made = render(told(components=dict(list(MANY.items())[:number]))).short
    assert said in made
    assert len(made) <= LIMIT


def test_a_short_message_that_cannot_be_short_is_cut_before_its_link() -> None:
    made = render(told(components={"x" * 250: ComponentStatus.MAJOR_OUTAGE}))
    assert fits(made.short)
    assert made.short.endswith(f"x... {PAGE}")


def test_a_link_too_long_for_a_short_message_is_left_out() -> None:
    made = render(told(page_url=f"https://{'status.' * 30}example.com"))
    assert fits(made.short)
    assert "https" not in made.short


@pytest.mark.parametrize(
    ("text", "letters"),
    [
        ("Zürich – “naïve” café…", 'Zürich - "naive" café...'),
        ("Łódź × 2", "Lodz x 2"),
        ("日本語", "日本語"),
        ("Привет", "Привет"),
    ],
)
def test_an_sms_has_its_own_letters_where_they_do(text: str, letters: str) -> None:
    assert in_sms_letters(text) == letters


def test_letters_that_take_two_places_in_an_sms_are_counted_twice() -> None:
    assert fits("x" * LIMIT)
    assert not fits("x" * (LIMIT - 1) + "€")
    assert not fits("\U0001f525" * (LIMIT // 2 + 1))


# --- mail programs -----------------------------------------------------------------------------------------------


@every_kind
def test_nothing_is_fetched_or_run_when_somebody_reads_a_mail(told: Notice) -> None:
    html = render(told).html
    assert {"img", "link", "script", "iframe", "form", "object", "base"}.isdisjoint(Markup(html).elements)
    assert not any(word in html for word in ("url(", "@import", "@font-face", "src=", "http-equiv"))
    assert html.count("https://") == 2


@every_kind
def test_words_stand_out_from_their_ground_on_light_and_on_dark_screens(told: Notice) -> None:
    html = render_folded([told, replace(told, update_id=2)]).html
    for dark in (False, True):
        found = contrasts(html, dark=dark)
        assert len(found) > 6
        assert min(found.values()) >= 4.5, found


@every_kind
def test_no_colour_is_plain_white_or_black(told: Notice) -> None:
    html = render(told).html.lower()
    assert not any(colour in html for colour in ("#fff;", "#ffffff", "#000;", "#000000", "white;", "black;"))


@every_kind
def test_tables_that_only_lay_out_say_so_and_the_others_have_headers(told: Notice) -> None:
    markup = Markup(render(told).html)
    tables = [dict(attributes) for tag, attributes in markup.tags if tag == "table"]
    laid_out = [table for table in tables if table.get("role") == "presentation"]
    assert len(laid_out) == 3
    headers = [dict(attributes) for tag, attributes in markup.tags if tag == "th"]
    assert len(headers) == len(told.facts) + len(told.components)
    assert all(header["scope"] == "row" for header in headers)


def test_a_mail_says_its_language_and_that_it_knows_dark_screens() -> None:
    html = render(told()).html
    assert html.startswith('<!doctype html>\n<html lang="en"')
    assert '<meta name="color-scheme" content="light dark">' in html
    assert "prefers-color-scheme: dark" in html
    assert "max-width: 38rem" in html


def test_how_bad_it_is_stands_in_words_beside_its_colour() -> None:
    markup = Markup(render(told()).html)
    coloured = {value for tag, attributes in markup.tags for name, value in attributes if name == "class"}
    assert "outage on-outage" in coloured
    assert "System outage" in markup.seen
    assert {"major outage", "partial outage"} <= set(markup.seen)


def test_a_mail_is_small_enough_to_be_shown_whole() -> None:
    # Gmail cuts messages off at 102 KB.
    assert max(len(render(told).html) for told in specimens()) < 20_000


# --- a home's own templates --------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder of templates."""
    made = tmp_path / "templates" / "mail"
    made.mkdir(parents=True)
    return made


OWN_TEXT = "{{ title }} says {{ organisation }}\n{% if unsubscribe %}{{ unsubscribe }}{% endif %}\n"


def test_a_template_of_the_same_name_takes_the_place_of_the_shipped_one(folder: Path) -> None:
    (folder / "incident.txt").write_text(OWN_TEXT, encoding="utf-8")
    made = Renderer(folder).render(told())
    assert made.text == f"Agent login: system outage says OpenMethods\n{UNSUBSCRIBE}"
    assert made.html == render(told()).html
    assert list(problems(folder)) == []


def test_a_template_may_be_for_one_status_only(folder: Path) -> None:
    (folder / "incident-resolved.txt").write_text(OWN_TEXT, encoding="utf-8")
    renderer = Renderer(folder)
    assert "says OpenMethods" in renderer.render(told(status=EventStatus.RESOLVED)).text
    assert renderer.render(told()) == render(told())


def test_a_template_may_change_one_block_of_the_shipped_one(folder: Path) -> None:
    own = '{% extends "event.html" %}{% block why %}Our own words.{% endblock %}'
    (folder / "maintenance.html").write_text(own, encoding="utf-8")
    planned = SPECIMENS["maintenance-scheduled"]
    assert "Our own words." in Renderer(folder).render(planned).html
    assert list(problems(folder)) == []


def test_templates_that_need_each_other_work_together(folder: Path) -> None:
    (folder / "event.txt").write_text(f"{{% block own %}}{{% endblock %}}{OWN_TEXT}", encoding="utf-8")
    own = '{% extends "event.txt" %}{% block own %}Dear {{ needed }},{% endblock %}{% set needed = "Ada" %}'
    (folder / "incident.txt").write_text(own, encoding="utf-8")
    assert list(problems(folder)) == []
    assert Renderer(folder).render(told()).text.startswith("Dear Ada,")


@pytest.mark.parametrize(
    ("name", "source", "complaint"),
    [
        ("incident.html", "{{ titel }} {{ unsubscribe }}", ":1: 'titel' is undefined; it may use subject, "),
        ("incident.txt", "\n\n{% if %}", ":3: Expected an expression, got 'end of statement block'"),
        ("event.html", "no link", ": a mail must hold the link {{ unsubscribe }}, where it is not empty"),
        ("short.txt", "{{ unsubscribe }}", ":1: 'unsubscribe' is undefined"),
        ("chat.md", "{{ 1 / 0 }}", ":1: division by zero"),
        ("chat.md", "{{ 'word ' * 400 }}", ": a message to a chat must have at most 1,900 characters"),
        ("hotfix.txt", "{{ ''.__class__.__mro__ }}{{ unsubscribe }}", ":1: access to attribute '__class__' of 'str'"),
        ("incident.txt", "{% include 'passwd' %}{{ unsubscribe }}", ":1: there is no template 'passwd'"),
    ],
)
def test_a_broken_template_is_reported_and_the_shipped_one_is_used(
    folder: Path, name: str, source: str, complaint: str
) -> None:
    (folder / name).write_text(source, encoding="utf-8")
    (found,) = problems(folder)
    assert found.startswith(f"templates/mail/{name}{complaint}")
    renderer = Renderer(folder)
    assert all(renderer.render(told) == render(told) for told in specimens())


def test_what_is_left_out_is_logged_once_as_templates_are_read(folder: Path) -> None:
    (folder / "incident.html").write_text("{{ titel }}", encoding="utf-8")
    with capture_logs() as logged:
        renderer = Renderer(folder)
    assert [entry["problem"] for entry in logged] == list(problems(folder))
    with capture_logs() as logged:
        renderer.render(told())
    assert logged == []


def test_a_broken_template_takes_no_sound_one_with_it(folder: Path) -> None:
    (folder / "incident.txt").write_text(OWN_TEXT, encoding="utf-8")
    (folder / "incident.html").write_text("{{ titel }}", encoding="utf-8")
    assert len(list(problems(folder))) == 1
    made = Renderer(folder).render(told())
    assert "says OpenMethods" in made.text
    assert made.html == render(told()).html


def test_a_template_that_breaks_later_holds_no_notice_back(folder: Path) -> None:
    source = OWN_TEXT + "{% if title == 'Ada' %}{{ 1 / 0 }}{% endif %}"
    (folder / "incident.txt").write_text(source, encoding="utf-8")
    renderer = Renderer(folder)
    assert "says OpenMethods" in renderer.render(told()).text
    with capture_logs() as logged:
        assert renderer.render(told("Ada")) == render(told("Ada"))
    assert [entry["error"] for entry in logged] == ["ZeroDivisionError"]


def test_templates_that_work_alone_and_not_together_are_reported(folder: Path) -> None:
    (folder / "event.txt").write_text(f"{{% set own = 1 %}}{OWN_TEXT}{{% block b %}}{{% endblock %}}", encoding="utf-8")
    own = "{% extends 'event.txt' %}{% block b %}{% if own is defined %}{{ 1 / 0 }}{% endif %}{% endblock %}"
    (folder / "incident.txt").write_text(own, encoding="utf-8")
    (found,) = problems(folder)
    assert found.startswith("templates/mail: each of event.txt, incident.txt works alone, but together they do not")
    assert Renderer(folder).render(told()) == render(told())


def test_a_strange_name_is_reported_with_those_there_are(folder: Path) -> None:
    (folder / "incidents.txt").write_text(OWN_TEXT, encoding="utf-8")
    (found,) = problems(folder)
    assert found.startswith("templates/mail/incidents.txt: no template has this name; there are event.html, event.txt")
    assert "maintenance-in_progress.html" in found


@pytest.mark.parametrize("content", [b"\xff\xfe", b"x" * 100_001], ids=["no UTF-8", "too long"])
def test_a_template_that_cannot_be_read_is_reported_and_left_out(folder: Path, content: bytes) -> None:
    (folder / "incident.txt").write_bytes(content)
    (found,) = problems(folder)
    assert found == "templates/mail/incident.txt: cannot be read; it must be a file of at most 100,000 bytes of UTF-8"
    assert Renderer(folder).render(told()) == render(told())


def test_there_need_be_no_templates(tmp_path: Path) -> None:
    assert list(problems(tmp_path / "nowhere")) == []
    assert Renderer(tmp_path / "nowhere").render(told()) == render(told())


@pytest.mark.parametrize("name", ["incident.txt", "event.html", "short.txt", "chat.md"])
def test_what_a_template_may_use_is_what_it_gets(folder: Path, name: str) -> None:
    uses = [fact for fact in overriding.facts_of(name) if fact not in {"light", "dark", "tones"}]
    (folder / name).write_text("".join(f"{{{{ {fact} }}}}" for fact in uses), encoding="utf-8")
    assert list(problems(folder)) == []


def test_what_a_template_may_use_is_said_of_this_one(folder: Path) -> None:
    (folder / "short.txt").write_text("{{ unsubscribe }}", encoding="utf-8")
    (found,) = problems(folder)
    assert found.endswith("page_url, event_url, earlier, light, dark, tones, affected, when")


def test_outside_text_stays_inert_in_a_homes_own_templates(folder: Path) -> None:
    (folder / "incident.html").write_text("<p>{{ title }}|{{ title|safe }}</p>{{ unsubscribe }}", encoding="utf-8")
    (folder / "chat.md").write_text("{{ title }}", encoding="utf-8")
    made = Renderer(folder).render(told("<b>[x](/a)</b>"))
    assert Markup(made.html).elements == ["p"]
    assert made.markdown == "\\<\u200bb\\>\\[x\\](/a)\\<\u200b/b\\>"
