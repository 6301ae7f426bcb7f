"""A home's own words take the place of omwatch's drafts; a mistake in them is told, and loses nothing."""

from pathlib import Path

import pytest

from omwatch.desk import incidents, templating
from omwatch.desk import suggestions as deciding
from omwatch.desk.drafting import worded
from omwatch.desk.publishing import Published
from omwatch.desk.session import NotPossible
from omwatch.domain.wording import Wording
from omwatch.store import Store, events, suggestions
from tests.domain.builders import a_suggestion, after, an_incident
from tests.sitting import sit

EVENT, _ = an_incident()


def said(store: Store, folder: Path | None) -> str:
    return worded(sit(store, after(60), templates=folder), Wording.INCIDENT_RESOLVED, "Resolved.", EVENT)


async def test_without_a_template_a_draft_is_omwatchs_own(store: Store, tmp_path: Path) -> None:
    assert said(store, None) == said(store, tmp_path) == said(store, tmp_path / "none") == "Resolved."


async def test_a_homes_own_words_take_its_place_and_may_keep_it(store: Store, tmp_path: Path) -> None:
    (tmp_path / "incident-resolved.txt").write_text(
        "{{ default }} {{ components }} ({{ severity }}) since {{ since }}\n"
    )
    assert said(store, tmp_path) == (
        "Resolved. Agent login and Screen pop (System outage) since 15:00 UTC on 5 January 2026"
    )


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("{{ colour }}", "templates/incident-resolved.txt: 'colour' is undefined; it may use default, title"),
        ("one\n{% if %}", "templates/incident-resolved.txt:2: Expected an expression"),
        ("{{ ''.__class__ }}", "templates/incident-resolved.txt: access to attribute '__class__'"),
        ("{{ 1 // 0 }}", "templates/incident-resolved.txt: integer division or modulo by zero"),
        ("{{ '{colour}'.format() }}", "templates/incident-resolved.txt: 'colour'"),
        ("{{ title | dictsort }}", "templates/incident-resolved.txt: 'str' object has no attribute 'items'"),
        ("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "templates/incident-resolved.txt: maximum recursion"),
    ],
)
async def test_a_mistake_is_told_with_its_place(store: Store, tmp_path: Path, text: str, complaint: str) -> None:
    (tmp_path / "incident-resolved.txt").write_text(text)
    with pytest.raises(NotPossible) as caught:
        said(store, tmp_path)
    assert str(caught.value).startswith(complaint)
    assert str(caught.value).endswith("; nothing was changed")
    (problem,) = templating.problems(tmp_path)
    assert problem.startswith(complaint)


async def test_words_that_must_not_be_read_are_a_mistake_too(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_path: Path) -> bool:
        raise PermissionError("permission denied")

    monkeypatch.setattr(Path, "exists", refuse)
    with pytest.raises(NotPossible, match="permission denied; nothing was changed"):
        said(store, tmp_path)


def test_a_template_that_no_draft_uses_is_told(tmp_path: Path) -> None:
    (tmp_path / "incident-resolve.txt").write_text("x")
    (problem,) = templating.problems(tmp_path)
    assert problem.startswith("templates/incident-resolve.txt: no draft has this name; there are incident-opened, ")


@pytest.mark.parametrize("wording", list(Wording))
def test_every_draft_may_use_every_fact(tmp_path: Path, wording: Wording) -> None:
    text = "{{ default }}{{ title }}{{ components }}{{ severity }}{{ since }}{{ starts }}{{ ends }}"
    (tmp_path / f"{wording}.txt").write_text(text)
    assert list(templating.problems(tmp_path)) == []


def test_a_template_that_is_far_too_long_is_refused(tmp_path: Path) -> None:
    (tmp_path / "incident-opened.txt").write_text("x" * 100_001)
    (problem,) = templating.problems(tmp_path)
    assert problem == "templates/incident-opened.txt: must be at most 100,000 bytes"


async def test_what_an_operator_previews_and_resolves_is_in_the_homes_words(store: Store, tmp_path: Path) -> None:
    (tmp_path / "incident-opened.txt").write_text("We look into {{ components }}.")
    (tmp_path / "incident-resolved.txt").write_text("{{ title }}: over.")
    session = sit(store, after(60), templates=tmp_path)
    async with store.writing() as connection:
        number = await suggestions.add(connection, a_suggestion())
    shown = await deciding.preview(session, number)
    assert shown.draft.text == "We look into Agent login."
    done = await deciding.confirm(session, number, shown.draft)
    assert isinstance(done, Published)
    await incidents.resolve(session, done.event)
    async with store.reading() as connection:
        event = await events.get(connection, done.event)
    assert event is not None
    assert [update.text for update in event.updates] == ["We look into Agent login.", f"{event.title}: over."]
