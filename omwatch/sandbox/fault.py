"""A fault: what goes wrong in one journey, and for whom. Values and pure choices only."""

import math
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Self

GOLDEN = (math.sqrt(5) - 1) / 2
LONGEST_LATENCY = 3600.0
_STATUSES = range(400, 600)


class JourneyName(StrEnum):
    """The journeys of the sandbox, each with listeners of its own."""

    AGENT_LOGIN = "agent-login"
    SCREEN_POP = "screen-pop"
    CHAT_ROUTING = "chat-routing"
    EMAIL_ROUTING = "email-routing"


class Kind(StrEnum):
    """What happens to those whom a fault hits."""

    REFUSE = "refuse"
    """An error status; an e-mail without a given status is taken and never routed."""
    SLOW = "slow"
    """The right answer, late."""
    HANG = "hang"
    """The connection is accepted and nothing is ever answered."""
    RESET = "reset"
    """The connection is cut without a goodbye (TCP RST)."""
    WRONG = "wrong"
    """A wrong answer: not ready, wrong record, wrong queue."""
    DOWN = "down"
    """The listener is closed: connection refused."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of one journey. With both shares below 1 it hits that share of attempts of those subjects."""

    kind: Kind = Kind.REFUSE
    status: int | None = None
    """The status to refuse with, 400 to 599; None leaves it to the journey (503, or an e-mail lost)."""
    latency: float = 0.0
    """Seconds that those hit wait first."""
    subjects: float = 1.0
    """Share of the subjects hit, 0 to 1; always the same ones."""
    attempts: float = 1.0
    """Share of the attempts hit, 0 to 1; at random."""

    def __post_init__(self) -> None:
        """Check the values against each other.

        Raises:
            ValueError: a share, status or latency out of its range, or two that cannot be combined.
        """
        for name, share in (("subjects", self.subjects), ("attempts", self.attempts)):
            if not 0 <= share <= 1:
                raise ValueError(f"{name} is a share from 0 to 1, such as 0.4; got {share:g}")
        if not 0 <= self.latency <= LONGEST_LATENCY:
            raise ValueError(f"latency is from 0 to {LONGEST_LATENCY:g} seconds; got {self.latency:g}")
        if self.status is not None and self.status not in _STATUSES:
            raise ValueError(f"status is an error from 400 to 599, such as 503; got {self.status}")
        if self.status is not None and self.kind is not Kind.REFUSE:
            raise ValueError(f"status and {self.kind} cannot be combined; choose one")
        if self.kind is Kind.DOWN and (self.subjects, self.attempts, self.latency) != (1.0, 1.0, 0.0):
            raise ValueError("down closes the listener for everyone; give it no share and no latency")

    def hits_subject(self, number: int) -> bool:
        """Tell whether the subject with this number is among those hit; see :func:`chosen`."""
        return chosen(number, self.subjects)

    def describe(self) -> str:
        """Say who suffers what, as the end of a sentence that begins with the journey's name."""
        if self.kind is Kind.DOWN:
            return "down, connections are refused"
        after = f" after {self.latency:g} s" if self.latency and self.kind is not Kind.SLOW else ""
        return f"{self._who()} {self._what()}{after}"

    def _who(self) -> str:
        attempts = "all attempts" if self.attempts == 1 else f"{self.attempts * 100:g} % of attempts"
        if self.subjects == 1:
            return attempts
        subjects = f"{self.subjects * 100:g} % of subjects"
        return subjects if self.attempts == 1 else f"{attempts} of {subjects}"

    def _what(self) -> str:
        match self.kind:
            case Kind.REFUSE:
                return "fail" if self.status is None else f"fail with status {self.status}"
            case Kind.SLOW:
                return f"are answered {self.latency:g} s late"
            case Kind.HANG:
                return "get no answer"
            case Kind.RESET:
                return "have their connection reset"
            case _:
                return "get a wrong answer"

    def to_json(self) -> dict[str, Any]:
        """Return the fault as a JSON object."""
        return asdict(self)

    @classmethod
    def from_json(cls, found: object) -> Self:
        """Read a fault from a decoded JSON object; keys left out keep their default.

        Raises:
            ValueError: not an object, an unknown key, or a value that :class:`Fault` refuses.
        """
        if not isinstance(found, dict):
            raise ValueError("a fault is a JSON object")  # noqa: TRY004 - one kind of mistake, whatever is wrong
        unknown = sorted(set(found) - set(cls.__slots__))
        if unknown:
            raise ValueError(f"a fault has no {', '.join(map(str, unknown))}; it has {', '.join(cls.__slots__)}")
        status = found.get("status")
        try:
            return cls(
                kind=Kind(found.get("kind", Kind.REFUSE)),
                status=None if status is None else int(status),
                **{key: float(found[key]) for key in ("latency", "subjects", "attempts") if key in found},
            )
        except TypeError as error:
            raise ValueError(f"a fault's numbers are numbers: {error}") from error


def chosen(number: int, share: float) -> bool:
    """Tell whether the subject with this number belongs to the given share of all.

    Multiples of the golden ratio fill [0, 1) evenly, so any run of consecutive numbers holds the share as exactly
    as whole numbers can, give or take one: 40 % of 5 is 2, of 50 is 20. A larger share always contains the smaller.
    """
    return math.modf(number * GOLDEN)[0] < share
