"""The monitoring process: watcher, courier, on-call and the clock's own decisions, started by ``omwatch watch``.

This is the composition root: the one place that knows all of them. They meet only in the store.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from omwatch.broadcast.courier import Courier
from omwatch.broadcast.mail import MailService
from omwatch.broadcast.oncall import OnCall
from omwatch.broadcast.rendering import Renderer
from omwatch.broadcast.ways import Pace as CourierPace
from omwatch.broadcast.ways import Ways
from omwatch.clock import Clock
from omwatch.config.addresses import PREFIX, resolve
from omwatch.config.controls import control
from omwatch.config.home import Home
from omwatch.config.keyring import Keyring
from omwatch.config.links import unsubscribe_url
from omwatch.config.policy import policy_of
from omwatch.config.settings import Check, Config
from omwatch.desk.automation import keep_time
from omwatch.domain.alarm import place_of
from omwatch.domain.assessment import Trouble
from omwatch.domain.attempt import Unit
from omwatch.domain.site import Site
from omwatch.store import Store
from omwatch.watcher.attempter import Attempter, Walk, walk_of
from omwatch.watcher.bench import Bench
from omwatch.watcher.claim import Claim
from omwatch.watcher.controls import Controls, reach_by
from omwatch.watcher.discovery import Discovery
from omwatch.watcher.lookout import Lookout
from omwatch.watcher.population import subjects
from omwatch.watcher.scheduler import Plan
from omwatch.watcher.seating import take_seat
from omwatch.watcher.watcher import Pace, Watcher


@dataclass(frozen=True, slots=True)
class Installation:
    """A home that has been read and checked."""

    home: Home
    config: Config
    discovery: Discovery


async def serve(installation: Installation, clock: Clock, report: Callable[[Mapping[str, Any]], None]) -> None:
    """Watch, deliver and keep time until cancelled.

    Args:
        installation: what to watch.
        clock: the time to watch by.
        report: gets one plain dictionary per changed assessment or suggestion.

    Raises:
        omwatch.watcher.claim.AlreadyWatched: another process watches this home.
        omwatch.watcher.claim.LeaseLost: another watcher has taken over, wrapped in an exception group.
    """
    home, config = installation.home, installation.config
    home.make_data()
    store = await Store.open(home.database)
    claim = Claim(home, clock)
    try:
        await claim.take(store)
        bench = _bench(installation, clock)
        walks = list(_walks(installation))
        watcher = Watcher(store, claim, bench, clock, report, _pace(config), _lookout(config, clock))
        attempter = Attempter(home, walks, clock)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(watcher.run(_plans(walks), attempter.attempt))
                group.create_task(_courier(installation, store, clock).run())
                group.create_task(_on_call(installation, store, clock).run())
                group.create_task(keep_time(store, policy_of(config, home), clock))
        finally:
            attempter.stop()
            await claim.release(store)
    finally:
        await store.close()


def _enabled(installation: Installation) -> Iterator[Check]:
    return (check for check in installation.config.checks.values() if check.enabled)


def _walks(installation: Installation) -> Iterator[Walk]:
    found = (walk_of(check, installation.discovery) for check in _enabled(installation))
    return (walk for walk in found if walk is not None)


def _plans(walks: list[Walk]) -> list[Plan]:
    return [
        Plan(walk.check.name, subjects(walk.check.population, walk.probe.noun), walk.check.every_seconds)
        for walk in walks
    ]


def _bench(installation: Installation, clock: Clock) -> Bench:
    bench = Bench()
    for check in _enabled(installation):
        probe = installation.discovery.probes.get(check.probe)
        unit, noun = (probe.unit, probe.noun) if probe else (Unit.INTERACTION, "attempt")
        trouble = None if probe else Trouble(_why_not(check, installation.discovery), clock.now())
        take_seat(bench, check, installation.config, unit, noun, trouble)
    return bench


def _pace(config: Config) -> Pace:
    return Pace(config.watcher.batch, config.watcher.concurrency, config.watcher.hurry_budget)


def _lookout(config: Config, clock: Clock) -> Lookout:
    table = config.controls
    controls = Controls(list(map(control, table.addresses)), table.within, reach_by(clock))
    return Lookout(Site(timedelta(seconds=table.every)), controls, clock)


def _why_not(check: Check, discovery: Discovery) -> str:
    return discovery.troubles.get(check.probe, f"there is no probe {check.probe!r} in the probes folder")


def _on_call(installation: Installation, store: Store, clock: Clock) -> OnCall:
    home, config = installation.home, installation.config

    def current(address: str) -> str:
        if not address.startswith(PREFIX):
            return address
        domain = config.broadcast.mail_domain
        return f"mailto://{resolve(home, address)}?from=omwatch@{domain}&to=oncall@{domain}"

    addresses = [address.get_secret_value() for address in config.oncall.addresses]
    return OnCall(store, clock, {place_of(address): partial(current, address) for address in addresses})


def _courier(installation: Installation, store: Store, clock: Clock) -> Courier:
    table = installation.config.broadcast
    pace = CourierPace(table.connections, table.destinations, table.per_second, table.per_hour)
    return Courier(store, clock, ways(installation, clock), pace)


def ways(installation: Installation, clock: Clock) -> Ways:
    """Return how a home reaches its subscribers."""
    config = installation.config

    def connect() -> MailService:
        address = config.broadcast.email.get_secret_value()
        if address.startswith(PREFIX):
            address = f"mailto://{resolve(installation.home, address)}"
        if address not in services:
            services.clear()  # a sandbox that has been started anew has another address
            services[address] = MailService(address, config.broadcast.sender, clock)
        return services[address]

    services: dict[str, MailService] = {}
    keyring = Keyring(installation.home)
    return Ways(
        connect,
        config.page.name,
        config.page.url,
        Renderer(installation.home.templates / "mail"),
        keyring.open,
        lambda subscriber: unsubscribe_url(config.page.url, keyring, subscriber),
    )
