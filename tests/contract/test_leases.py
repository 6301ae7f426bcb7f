"""A lease has one holder, and its fence only grows."""

from omwatch.store import Store, leases
from omwatch.store.leases import Lease
from tests.domain.builders import after


def wanted(holder: str, seconds: float = 0) -> Lease:
    return Lease("watcher", holder, 4711, 0, after(seconds), after(seconds + 10), {"missed": 0})


async def take(store: Store, lease: Lease) -> Lease:
    async with store.writing() as connection:
        return await leases.take(connection, lease)


async def held(store: Store) -> Lease | None:
    async with store.reading() as connection:
        return await leases.get(connection, "watcher")


async def renew(store: Store, lease: Lease, seconds: float) -> bool:
    async with store.writing() as connection:
        return await leases.renew(connection, lease, after(seconds), after(seconds + 10), {"missed": 3})


async def test_nobody_holds_a_lease_that_was_never_taken(store: Store) -> None:
    assert await held(store) is None


async def test_a_taken_lease_is_read_back_as_it_was_taken(store: Store) -> None:
    taken = await take(store, wanted("first"))
    assert taken.fence == 1
    assert await held(store) == taken


async def test_the_fence_grows_with_each_taking_by_whomever(store: Store) -> None:
    fences = [(await take(store, wanted(holder))).fence for holder in ("first", "second", "first", "first")]
    assert fences == [1, 2, 3, 4]


async def test_renewing_prolongs_it_and_keeps_its_notes(store: Store) -> None:
    taken = await take(store, wanted("first"))
    assert await renew(store, taken, 5)
    found = await held(store)
    assert found is not None
    assert (found.fence, found.renewed_at, found.expires_at) == (1, after(5), after(15))
    assert found.notes == {"missed": 3}


async def test_an_old_holder_can_neither_renew_nor_release_what_another_has_taken(store: Store) -> None:
    old = await take(store, wanted("first"))
    new = await take(store, wanted("second", seconds=20))
    assert not await renew(store, old, 21)
    async with store.writing() as connection:
        await leases.release(connection, old, after(21))
    assert await held(store) == new


async def test_even_the_same_holder_cannot_renew_by_an_old_fence(store: Store) -> None:
    old = await take(store, wanted("first"))
    new = await take(store, wanted("first", seconds=1))
    assert not await renew(store, old, 2)
    assert await renew(store, new, 2)


async def test_releasing_ends_it_now_and_the_fence_goes_on_growing(store: Store) -> None:
    taken = await take(store, wanted("first"))
    async with store.writing() as connection:
        await leases.release(connection, taken, after(3))
    found = await held(store)
    assert found is not None
    assert found.expires_at == after(3)
    assert (await take(store, wanted("second"))).fence == 2
