"""Drafts: omwatch's words, or the home's own where it has some."""

from omwatch.desk.session import NotPossible, Session
from omwatch.domain.event import Event
from omwatch.domain.notice import Draft, at_in_words, listed
from omwatch.domain.wording import Wording


def worded(session: Session, wording: Wording, default: str, about: Event | Draft) -> str:
    """Return a draft in the home's own words, or the default where it has none.

    Raises:
        NotPossible: the home's template cannot be used; the message says where and why.
    """
    folder = session.policy.templates
    if folder is None or not folder.is_dir():
        return default
    from omwatch.desk import templating  # noqa: PLC0415 - loads Jinja, which few homes need

    try:
        if not templating.file_of(folder, wording).exists():
            return default
        return templating.render(folder, wording, _facts(default, about))
    except (templating.BadTemplate, OSError) as error:
        raise NotPossible(f"{error}; nothing was changed") from None


def _facts(default: str, about: Event | Draft) -> dict[str, str]:
    window = about.window if isinstance(about, Event) else None
    return {
        "default": default,
        "title": about.title,
        "components": listed(tuple(about.components)),
        "severity": about.severity.label,
        "since": at_in_words(about.started_at),
        "starts": at_in_words(window.starts_at) if window else "",
        "ends": at_in_words(window.ends_at) if window else "",
    }
