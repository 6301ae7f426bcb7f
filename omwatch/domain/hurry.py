"""What a hurried attempt is for."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wish:
    """What would tell most now: a subject to try at once, or None to ask again in a moment."""

    subject: str | None
