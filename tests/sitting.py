"""Sitting down at the desk in tests."""

from datetime import datetime
from typing import Any

from omwatch.desk.session import Session
from omwatch.domain.policy import Policy
from omwatch.domain.role import Operator, Role
from omwatch.store import Store


def sit(store: Store, now: datetime, name: str = "ada", role: Role = Role.ADMIN, **policy: Any) -> Session:  # noqa: ANN401 - any rule
    """Return one moment of an operator at the desk; ``policy`` changes single rules of it."""
    return Session(store, Operator(name, role), now, Policy(**{"mail_domain": "example.com", **policy}))
