"""What becomes different about a subscriber: said by an operator, or by a row of a list."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from omwatch.domain.severity import Severity
from omwatch.domain.subscriber import Subscriber, Topic


@dataclass(frozen=True, slots=True)
class Changes:
    """What becomes different about a subscriber; None where it stays as it is."""

    topics: AbstractSet[Topic] | None = None
    components: AbstractSet[str] | None = None
    """Only events that touch one of these; empty for all."""
    least_severity: Severity | None = None
    name: str | None = None
    client: str | None = None
    """The client whose contact it becomes, by its name; empty for none."""

    @property
    def any(self) -> bool:
        """Tell whether anything is to become different."""
        return self != _NOTHING

    def of(self, subscriber: Subscriber) -> Subscriber:
        """Return what a subscriber becomes."""
        was = subscriber.wishes
        wishes = replace(
            was,
            topics=was.topics if self.topics is None else frozenset(self.topics),
            components=was.components if self.components is None else frozenset(self.components),
            least_severity=self.least_severity or was.least_severity,
        )
        name = subscriber.name if self.name is None else self.name
        client = subscriber.client if self.client is None else self.client
        return replace(subscriber, wishes=wishes, name=name, client=client)


_NOTHING = Changes()
