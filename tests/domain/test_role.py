"""Roles stand above each other."""

import pytest

from omwatch.domain.role import Role


@pytest.mark.parametrize(
    ("role", "may_do_as"),
    [
        (Role.VIEWER, [Role.VIEWER]),
        (Role.OPERATOR, [Role.VIEWER, Role.OPERATOR]),
        (Role.ADMIN, [Role.VIEWER, Role.OPERATOR, Role.ADMIN]),
    ],
)
def test_a_role_may_do_what_those_before_it_may(role: Role, may_do_as: list[Role]) -> None:
    assert [other for other in Role if role.at_least(other)] == may_do_as
