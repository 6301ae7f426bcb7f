"""A notice in its forms: text and HTML. Templates are files of ours, sandboxed; what they show is data, escaped."""

import functools
from dataclasses import asdict, dataclass

from jinja2 import PackageLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from omwatch.domain.notice import Notice


@dataclass(frozen=True, slots=True)
class Rendered:
    """One notice, ready to be put into a message."""

    subject: str
    text: str
    html: str


@functools.cache
def _environment() -> ImmutableSandboxedEnvironment:
    return ImmutableSandboxedEnvironment(
        loader=PackageLoader("omwatch.broadcast"),
        autoescape=lambda name: name is not None and name.endswith(".html"),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )


def render(notice: Notice) -> Rendered:
    """Return the text and the HTML of a notice."""
    values = {**asdict(notice), "paragraphs": notice.text.split("\n\n")}
    templates = _environment()
    return Rendered(
        subject=notice.subject,
        text=templates.get_template("event.txt").render(values),
        html=templates.get_template("event.html").render(values),
    )
