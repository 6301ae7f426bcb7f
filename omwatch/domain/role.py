"""Roles: what an operator may do."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What an operator may do; each may do all that the ones before it may."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMIN = "admin"

    @property
    def label(self) -> str:
        """The role with its article: "a viewer", "an operator"."""
        return f"a {self}" if self is Role.VIEWER else f"an {self}"

    def at_least(self, other: "Role") -> bool:
        """Tell whether this role may do all that another may."""
        ranks = list(Role)
        return ranks.index(self) >= ranks.index(other)


@dataclass(frozen=True, slots=True)
class Operator:
    """A person acting, or the clock under the name "omwatch"."""

    name: str
    role: Role = Role.OPERATOR


MACHINE = Operator("omwatch", Role.ADMIN)
"""Who acts when the clock does."""
