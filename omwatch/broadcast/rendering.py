"""A notice in its forms: for mails, for chats, for pagers.

Templates are Jinja, sandboxed; ``templates/mail/`` of a home may hold others of the same names. What they show is data,
escaped for the form they make, and never read as a template.
"""

import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import structlog
from jinja2 import ChoiceLoader, DictLoader, PackageLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import escape as escape_html

from omwatch.broadcast import markdown, overriding
from omwatch.broadcast.condensed import CHAT_LIMIT, for_chats, for_pagers
from omwatch.broadcast.short import shortest_that_fits
from omwatch.broadcast.specimens import specimens
from omwatch.broadcast.values import PLACEHOLDER_HOST, Values, inert, values_of
from omwatch.domain.notice import Notice

UNSUBSCRIBE = f"https://{PLACEHOLDER_HOST}/placeholder-7f3a"
"""Stands in a mail where the recipient's own link belongs, which is put in its place as the mail is sent."""
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Rendered:
    """One notice, or several folded into one, ready to be put into a message."""

    subject: str
    text: str
    """A mail's text; it holds :data:`UNSUBSCRIBE`, as its HTML does."""
    html: str
    title: str = ""
    """One plain line, for channels that show a title beside ``bare_text`` or ``bare_html``."""
    short: str = ""
    """One line that fits into an SMS, if its letters do."""
    markdown: str = ""
    """CommonMark for chats, complete: what a title says is in it, and a plain title beside it might act there."""
    bare_text: str = ""
    """The text without a link to unsubscribe, for whoever has none."""
    bare_html: str = ""
    """The HTML without a link to unsubscribe, for whoever has none."""


class Forms:
    """Templates, the shipped ones or others in their place."""

    def __init__(self, own: Mapping[str, str] | None = None) -> None:
        """Take the shipped templates, but for those that ``own`` names and gives the source of."""
        self._environment = ImmutableSandboxedEnvironment(
            loader=ChoiceLoader([DictLoader(own or {}), PackageLoader("omwatch.broadcast")]),
            autoescape=lambda name: name is not None and name.endswith(".html"),
            undefined=StrictUndefined,
            keep_trailing_newline=True,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def make(self, notices: Sequence[Notice]) -> Rendered:
        """Return notices in every form, the newest first.

        Raises:
            Exception: a template that is not ours is broken, in whatever way.
        """
        told = [inert(notice) for notice in notices]
        plain, marked_up = values_of(told, str), values_of(told, escape_html)
        made = Rendered(
            subject=str(plain["subject"]),
            text=self._form("txt", plain, unsubscribe=UNSUBSCRIBE),
            html=self._form("html", marked_up, unsubscribe=UNSUBSCRIBE),
            title=f"{told[0].heading}: {told[0].title}".removesuffix(": "),
            short=self._short(told, plain),
            markdown=self._chat(told),
            bare_text=self._form("txt", plain, unsubscribe=""),
            bare_html=self._form("html", marked_up, unsubscribe=""),
        )
        if UNSUBSCRIBE not in made.text or UNSUBSCRIBE not in made.html:
            raise ValueError("a mail must hold the link {{ unsubscribe }}, where it is not empty")
        return made

    def _form(self, suffix: str, values: Values, **more: object) -> str:
        names = [f"{values['kind']}-{values['status']}.{suffix}", f"{values['kind']}.{suffix}"]
        return self._environment.select_template(names).render(values, **more)

    def _short(self, told: Sequence[Notice], values: Values) -> str:
        template = self._environment.get_template("short.txt")
        made = (template.render(values, affected=affected, when=told[0].when) for affected in for_pagers(told[0]))
        return shortest_that_fits(made, told[0].page_url)

    def _chat(self, told: Sequence[Notice]) -> str:
        template = self._environment.get_template("chat.md")
        made = ""
        for some in for_chats(told):
            values = values_of(some.notices, markdown.escape)
            made = template.render(values, more_components=some.more_components, more_earlier=some.more_earlier)
            if len(made) <= CHAT_LIMIT:
                break
        return made


class Renderer:
    """Renders notices by a home's own templates where it has any, and by the shipped ones."""

    def __init__(self, folder: Path | None = None) -> None:
        """Read the templates of a folder, once; those that do not work are left out, as :func:`problems` says."""
        self._own: Forms | None = None
        if folder is None:
            return
        for problem in problems(folder):
            _log.error("a template for notices is left out", problem=problem)
        own = overriding.working(folder, _attempt)
        self._own = Forms(own) if own else None

    def render(self, notice: Notice) -> Rendered:
        """Return a notice in every form."""
        return self.render_folded([notice])

    def render_folded(self, notices: Sequence[Notice]) -> Rendered:
        """Return notices of one event as one message, the newest first, in whatever order they come.

        Raises:
            ValueError: there is none.
        """
        if not notices:
            raise ValueError("there is no notice to render")
        told = sorted(notices, key=lambda notice: notice.update_id, reverse=True)
        if self._own is not None:
            try:
                return self._own.make(told)
            except Exception as error:  # noqa: BLE001 - whatever a home's template does, the notice must leave
                _log.error("templates/mail is broken; the shipped templates are used", error=type(error).__name__)
        return _shipped().make(told)


def render(notice: Notice) -> Rendered:
    """Return a notice in every form, by the shipped templates."""
    return render_folded([notice])


def render_folded(notices: Sequence[Notice]) -> Rendered:
    """Return notices of one event as one message, by the shipped templates; see :meth:`Renderer.render_folded`."""
    return _default().render_folded(notices)


def problems(folder: Path) -> Iterable[str]:
    """Return what is wrong with a home's own templates, which are files in this folder; there need be none."""
    return overriding.problems(folder, _attempt)


def _attempt(own: Mapping[str, str]) -> None:
    forms, tries = Forms(own), list(specimens())
    for told in (*([notice] for notice in tries), tries[:3]):
        if len(forms.make(told).markdown) > CHAT_LIMIT:
            raise ValueError(f"a message to a chat must have at most {CHAT_LIMIT:,} characters")


@functools.cache
def _shipped() -> Forms:
    return Forms()


@functools.cache
def _default() -> Renderer:
    return Renderer()
