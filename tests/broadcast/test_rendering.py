"""Templates show data; data never becomes template, markup or a second notice."""

from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest

from omwatch.broadcast.rendering import Rendered, render
from omwatch.domain.event import EventStatus
from omwatch.domain.notice import notice
from omwatch.domain.severity import ComponentStatus
from tests.domain.builders import an_incident

EVIL = "<script>alert(1)</script>\"'&{{ 7 * 7 }}{% for x in y %}${7*7}<!--"


def rendered(
    title: str = "Agent login: system outage",
    text: str = "We know.",
    status: EventStatus = EventStatus.IDENTIFIED,
) -> Rendered:
    return render(notice(*an_incident(title, text, status), "OpenMethods", "https://status.example.com"))


class Markup(HTMLParser):
    """What a browser makes of it: elements, and the text that people see."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.links: list[str | None] = []
        self.seen: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.links += [value for name, value in attrs if name == "href"]

    def handle_data(self, data: str) -> None:
        self.seen.append(data)


@pytest.mark.parametrize("status", list(EventStatus))
def test_every_status_has_its_text_and_its_html(status: EventStatus) -> None:
    told = rendered(status=status)
    assert told.subject == f"[OpenMethods] Incident – {status.label}: Agent login and Screen pop"
    assert told.text.startswith(f"Incident – {status.label}: Agent login: system outage\n\nWe know.\n")
    assert f"OpenMethods · Incident – {status.label}" in Markup(told.html).seen


def test_the_text_says_everything_there_is() -> None:
    assert rendered(text="One.\n\nTwo.").text == (
        "Incident – identified: Agent login: system outage\n"
        "\n"
        "One.\n"
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
    )


def test_the_html_says_the_same() -> None:
    markup = Markup(rendered(text="One.\n\nTwo.").html)
    for words in ("Agent login: system outage", "One.", "Two.", "System outage", "major outage", "partial outage"):
        assert words in markup.seen
    assert markup.links == ["https://status.example.com"]
    assert markup.elements.count("p") == 4


@pytest.mark.parametrize("field", ["title", "text", "organisation", "heading", "subject", "page_url"])
def test_html_shows_markup_and_templates_as_the_text_they_are(field: str) -> None:
    told = notice(*an_incident(), "OpenMethods", "https://status.example.com")
    change: dict[str, Any] = {field: EVIL}
    markup, plain = Markup(render(replace(told, **change)).html), Markup(render(told).html)
    assert markup.elements == plain.elements
    if field == "page_url":
        assert markup.links == [EVIL]
    else:
        assert any(EVIL in seen for seen in markup.seen)


def test_a_components_name_is_text_too() -> None:
    incident, update = an_incident()
    update = replace(update, components={EVIL: ComponentStatus.MAJOR_OUTAGE})
    incident = replace(incident, updates=(update,))
    markup = Markup(render(notice(incident, update, "OpenMethods", "https://status.example.com")).html)
    assert "script" not in markup.elements
    assert EVIL in markup.seen


def test_a_fact_is_text_too() -> None:
    told = replace(notice(*an_incident(), "OpenMethods", "https://status.example.com"), facts=((EVIL, EVIL),))
    markup = Markup(render(told).html)
    assert "script" not in markup.elements
    assert markup.seen.count(EVIL) == 2


def test_text_takes_everything_literally() -> None:
    told = rendered(title=EVIL, text=EVIL)
    assert told.text.startswith(f"Incident – identified: {EVIL}\n\n{EVIL}\n")
    assert "49" not in told.text


def test_nothing_is_fetched_when_somebody_reads_it() -> None:
    assert {"img", "link", "script", "iframe", "style"}.isdisjoint(Markup(rendered().html).elements)
