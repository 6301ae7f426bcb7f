"""Why attempts fail comes back from the store with the state it belongs to."""

import pytest

from omwatch.domain.assessment import CheckState
from omwatch.domain.fingerprint import Errors
from omwatch.store import Store, assessments
from tests.domain.builders import after, an_assessment


@pytest.mark.parametrize("errors", [(), (("log in: answered 503", 14), ("ready: took longer than … s", 3))])
async def test_errors_come_back_as_they_were(store: Store, errors: Errors) -> None:
    state = CheckState(an_assessment(), None, errors)
    async with store.writing() as connection:
        await assessments.keep(connection, [state], after(10))
    async with store.reading() as connection:
        assert await assessments.every(connection) == [state]
