"""Which faults are in force, and what they do to one caller."""

import asyncio

import pytest

from omwatch.clock import FakeClock
from omwatch.sandbox.fault import Fault, JourneyName, Kind
from omwatch.sandbox.switchboard import HungUp, Refused, Switchboard

LOGIN = JourneyName.AGENT_LOGIN


class FakeLine:
    """A caller who hangs up when told, or when cut."""

    def __init__(self) -> None:
        self.was_reset = False
        self.hung_up = asyncio.Event()

    def reset(self) -> None:
        self.was_reset = True
        self.hung_up.set()

    async def gone(self) -> None:
        await self.hung_up.wait()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def board(clock: FakeClock) -> Switchboard:
    return Switchboard(clock)


async def test_a_healthy_journey_answers_everyone_rightly(board: Switchboard) -> None:
    assert await board.meet(LOGIN, "agent-01", FakeLine()) is False


async def test_a_fault_strikes_its_own_journey_alone(board: Switchboard) -> None:
    board.inject(LOGIN, Fault(Kind.WRONG))
    assert await board.meet(LOGIN, "agent-01", FakeLine()) is True
    assert await board.meet(JourneyName.SCREEN_POP, "agent-01", FakeLine()) is False


async def test_refusal_carries_its_status(board: Switchboard) -> None:
    board.inject(LOGIN, Fault(status=418))
    with pytest.raises(Refused) as refusal:
        await board.meet(LOGIN, "agent-01", FakeLine())
    assert refusal.value.status == 418


async def test_the_same_subjects_are_hit_every_time(board: Switchboard) -> None:
    board.inject(LOGIN, Fault(subjects=0.4))
    agents = [f"agent-{number:02}" for number in range(1, 51)]
    rounds = [{agent for agent in agents if board.strike(LOGIN, agent)} for _ in range(3)]
    assert len(rounds[0]) == 20
    assert rounds[0] == rounds[1] == rounds[2]


async def test_subjects_without_a_number_are_counted_by_first_sight(board: Switchboard) -> None:
    names = ["sales", "support", "billing", "returns", "press"]
    for name in names:  # seen while healthy
        board.strike(JourneyName.CHAT_ROUTING, name)
    board.inject(JourneyName.CHAT_ROUTING, Fault(subjects=0.4))
    hit = [name for name in reversed(names) if board.strike(JourneyName.CHAT_ROUTING, name)]
    assert hit == ["press", "support"]


async def test_a_share_of_attempts_is_hit_at_random(board: Switchboard) -> None:
    board.inject(LOGIN, Fault(attempts=0.4))
    hits = sum(board.strike(LOGIN, "agent-01") is not None for _ in range(1000))
    assert 350 < hits < 450


async def test_follow_ups_roll_no_dice_of_their_own(board: Switchboard) -> None:
    board.inject(LOGIN, Fault(attempts=0.999))
    assert not any(board.strike(LOGIN, "agent-01", follow_up=True) for _ in range(100))
    board.inject(LOGIN, Fault(subjects=1))
    assert board.strike(LOGIN, "agent-01", follow_up=True)


async def test_latency_passes_before_the_answer(board: Switchboard, clock: FakeClock) -> None:
    board.inject(LOGIN, Fault(Kind.SLOW, latency=2))
    call = asyncio.ensure_future(board.meet(LOGIN, "agent-01", FakeLine()))
    await clock.advance(1.9)
    assert not call.done()
    await clock.advance(0.2)
    assert await call is False


async def test_a_late_refusal_is_a_refusal(board: Switchboard, clock: FakeClock) -> None:
    board.inject(LOGIN, Fault(latency=2, status=500))
    call = asyncio.ensure_future(board.meet(LOGIN, "agent-01", FakeLine()))
    await clock.advance(2.1)
    with pytest.raises(Refused):
        await call


@pytest.mark.parametrize("fault", [Fault(Kind.HANG), Fault(Kind.SLOW, latency=60), Fault(latency=60)])
async def test_whoever_waits_is_served_when_the_fault_is_cleared(
    board: Switchboard, clock: FakeClock, fault: Fault
) -> None:
    board.inject(LOGIN, fault)
    call = asyncio.ensure_future(board.meet(LOGIN, "agent-01", FakeLine()))
    await clock.advance(30)
    assert not call.done()
    board.clear(LOGIN)
    async with asyncio.timeout(1):
        assert await call is False


@pytest.mark.parametrize("fault", [Fault(Kind.HANG), Fault(Kind.SLOW, latency=60)])
async def test_whoever_waits_may_hang_up(board: Switchboard, clock: FakeClock, fault: Fault) -> None:
    board.inject(LOGIN, fault)
    line = FakeLine()
    call = asyncio.ensure_future(board.meet(LOGIN, "agent-01", line))
    await clock.advance(1)
    line.hung_up.set()
    async with asyncio.timeout(1):
        with pytest.raises(HungUp):
            await call


async def test_reset_cuts_the_line(board: Switchboard) -> None:
    board.inject(LOGIN, Fault(Kind.RESET))
    line = FakeLine()
    with pytest.raises(HungUp):
        await board.meet(LOGIN, "agent-01", line)
    assert line.was_reset


async def test_a_flood_of_names_does_not_fill_the_memory(board: Switchboard) -> None:
    board.inject(LOGIN, Fault(subjects=0.4))
    hit = sum(board.strike(LOGIN, f"name-{number}-x") is not None for number in range(12_000))
    assert 4_500 < hit < 5_100
    assert len(board._numbers[LOGIN]) == 10_000
