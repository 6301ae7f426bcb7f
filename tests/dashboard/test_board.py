"""The board: what it says in every state an operator may meet."""

from pathlib import Path

import pytest

from omwatch.clock import FakeClock
from omwatch.dashboard.widgets.sentences import WallClock
from omwatch.domain.severity import Severity
from omwatch.store import Store
from tests.dashboard import scenes
from tests.dashboard.driving import Painter, dashboard, later, ready, shown, shows, until
from tests.dashboard.painted import NOW, OUTAGE, WELL, Figures, incident, paint, subscribe, suggest, watcher_renewed


async def screen(database: Path, store: Store, painter: Painter, size: tuple[int, int] = (80, 24)) -> str:
    await painter(store)
    app = dashboard(database)
    async with app.run_test(size=size) as pilot:
        await ready(pilot)
        return shown(app)


async def test_a_healthy_house_says_so_in_words(database: Path, store: Store) -> None:
    text = await screen(database, store, scenes.healthy)
    assert "● All 4 components operational" in text
    assert "a notice would reach 3 subscribers" in text
    assert "● watcher alive · 3 running · 0 missed" in text
    assert "● store ok" in text
    assert "14:14:31 UTC · 09:14 EST" in text


async def test_a_suggestion_says_what_since_when_how_sure_and_which_keys(database: Path, store: Store) -> None:
    text = await screen(database, store, scenes.outage)
    assert "■ Suggested: SYSTEM OUTAGE · since 14:02:11" in text
    assert "[c] confirm  [d] dismiss" in text
    assert "Agent login: 20 of 50 agents failed · 95 % interval 28–54 %" in text


async def test_whole_numbers_stand_beside_every_percentage(database: Path, store: Store) -> None:
    text = await screen(database, store, scenes.outage)
    row = next(line for line in text.splitlines() if "■ Agent login" in line)
    assert row.split()[3:6] == ["20/50", "40.0", "%"]


async def test_gathering_is_said_with_how_far_it_is(database: Path, store: Store) -> None:
    text = await screen(database, store, scenes.mixed)
    assert "Gathering · 4 chats tried in the last 5 minutes, 10 needed" in text


async def test_broken_has_its_own_glyph_and_word_and_says_why(database: Path, store: Store) -> None:
    text = await screen(database, store, scenes.mixed)
    assert "✗ E-mail routing" in text
    assert "Broken since 14:12:31 · email_routing.py:31: KeyError: 'queue'" in text
    assert "1 cannot be judged" in text


async def test_trouble_beside_failures_hides_neither(database: Path, store: Store) -> None:
    async def both(store: Store) -> None:
        await paint(store, [Figures(20, Severity.OUTAGE, trouble="no route"), WELL, WELL, WELL])

    text = await screen(database, store, both)
    assert "■ Agent login" in text
    assert "some attempts broken: no route" in text


async def test_several_suggestions_show_the_gravest_and_how_many_wait(database: Path, store: Store) -> None:
    async def several(store: Store) -> None:
        await paint(store, [OUTAGE, scenes.IMPAIRED, WELL, WELL])
        await suggest(store, 0)
        await suggest(store, 1, severity=Severity.IMPAIRMENT, failing=3)

    text = await screen(database, store, several)
    assert "Suggested: SYSTEM OUTAGE · since 14:02:11 · 1 more" in text


async def test_evidence_too_long_for_the_line_is_told_in_fewer_words(database: Path, store: Store) -> None:
    async def many(store: Store) -> None:
        await paint(store, [OUTAGE] * 4)
        await suggest(store, 0, 1, 2, 3)

    text = await screen(database, store, many)
    assert "Agent login 20/50, Screen pop 20/120, Chat routing 20/96 and 1 more" in text


async def test_an_incident_tells_what_became_of_its_notices(database: Path, store: Store) -> None:
    text = await screen(database, store, scenes.told)
    assert "■ 1  Agent login: system outage" in text
    assert "System outage · identified · since 14:02:11 · 2 sent, 1 failed · by ada" in text
    assert "▲ 1 notice failing" in text
    assert "▲ failed   grace@example.com" in text
    assert "451 4.7.1 Greylisted, please try again in a while" in text


async def test_without_subscribers_it_says_how_to_add_one(database: Path, store: Store) -> None:
    async def lonely(store: Store) -> None:
        await paint(store, [WELL] * 4)

    text = await screen(database, store, lonely)
    assert "no subscribers yet: omwatch subscriber add ADDRESS" in text


async def test_an_empty_store_says_what_it_waits_for(database: Path, store: Store) -> None:
    async def nothing(store: Store) -> None:
        await subscribe(store, "ada@example.com")

    text = await screen(database, store, nothing)
    assert "Nothing is watched yet" in text
    assert "■ no watcher" in text
    assert "no check has been judged yet" in text


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
@pytest.mark.parametrize("painter", [scenes.healthy, scenes.outage, scenes.told])
async def test_numbers_and_common_words_are_never_cut(
    database: Path, store: Store, painter: Painter, size: tuple[int, int]
) -> None:
    assert "…" not in await screen(database, store, painter, size)


async def test_the_longest_suggestion_fits_beside_its_keys(database: Path, store: Store) -> None:
    async def two(store: Store) -> None:
        await paint(store, [Figures(1, Severity.MINOR), WELL, WELL, WELL])
        await suggest(store, 0, severity=Severity.MINOR, failing=1)
        await suggest(store, 0, severity=Severity.MINOR, failing=1)

    text = await screen(database, store, two)
    assert "◆ MINOR LOSS OF SERVICE · since 14:02:11 · 1 more" in text
    assert "[c] confirm  [d] dismiss" in text


async def test_a_watcher_that_falls_silent_grows_stale_without_any_write(database: Path, store: Store) -> None:
    await scenes.healthy(store)
    clock = FakeClock(NOW)
    app = dashboard(database, clock)
    async with app.run_test() as pilot:
        await ready(pilot)
        await later(pilot, clock, 65)
        await shows(pilot, "■ watcher stale for 55 s")
        await shows(pilot, "■ Nobody is watching")
        await watcher_renewed(store, clock.now())
        await clock.advance(1)
        await until(pilot, lambda: app.view.overview is not None and app.view.overview.watcher_state == "alive")
        await later(pilot, clock)
        await shows(pilot, "● watcher alive")
        await shows(pilot, "All 4 components operational")


async def test_what_another_process_writes_appears_by_itself(database: Path, store: Store) -> None:
    await scenes.healthy(store)
    clock = FakeClock(NOW)
    app = dashboard(database, clock)
    async with app.run_test() as pilot:
        await ready(pilot)
        assert "Suggested" not in shown(app)
        await suggest(store, 0)
        await clock.advance(1)
        await shows(pilot, "Suggested: SYSTEM OUTAGE")


async def test_arrows_and_tab_reach_every_list_and_enter_reads_a_row_in_full(database: Path, store: Store) -> None:
    await scenes.told(store)
    app = dashboard(database)
    async with app.run_test() as pilot:
        await ready(pilot)
        visited = []
        for key in ("right", "right", "right", "tab", "left", "left", "left"):
            await pilot.press(key)
            assert app.focused is not None
            visited.append(app.focused.id)
        assert visited == [
            "incidents",
            "deliveries",
            "components",
            "incidents",
            "components",
            "deliveries",
            "incidents",
        ]
        await pilot.press("enter")
        await shows(pilot, "We have identified a system outage.")
        await pilot.press("escape")
        await pilot.press("tab", "down", "enter")
        await shows(pilot, "To              grace@example.com")
        assert "451 4.7.1 Greylisted" in shown(app)


async def test_down_past_the_last_row_goes_on_to_the_next_list(database: Path, store: Store) -> None:
    await scenes.told(store)
    app = dashboard(database)
    async with app.run_test() as pilot:
        await ready(pilot)
        await pilot.press("down", "down", "down")
        assert app.focused is not None
        assert app.focused.id == "components"
        await pilot.press("down")
        assert app.focused.id == "incidents"
        await pilot.press("up")
        assert app.focused.id == "components"


async def test_the_chosen_row_stays_chosen_when_others_move(database: Path, store: Store) -> None:
    await scenes.told(store)
    clock = FakeClock(NOW)
    app = dashboard(database, clock)
    async with app.run_test() as pilot:
        await ready(pilot)
        await pilot.press("left", "down")
        await subscribe(store, "new@example.com")
        await incident(store, "Chat routing: system outage")
        await clock.advance(1)
        await shows(pilot, "Chat routing: system outage")
        await pilot.press("enter")
        await shows(pilot, "To              grace@example.com")


async def test_a_long_list_scrolls_under_its_heading(database: Path, store: Store) -> None:
    await subscribe(store, *(f"reader-{number:02}@example.com" for number in range(20)))
    await paint(store, [WELL] * 4)
    await incident(store, "Agent login: system outage")
    app = dashboard(database)
    async with app.run_test() as pilot:
        await ready(pilot)
        look = app.view.overview
        assert look is not None
        newest, oldest = look.deliveries[0].address, look.deliveries[-1].address
        await pilot.press("left", "end")
        await shows(pilot, oldest)
        assert "20 of the newest 20" in shown(app)
        assert newest not in shown(app)
        await pilot.press("home")
        await shows(pilot, newest)


async def test_t_switches_the_theme_and_back(database: Path, store: Store) -> None:
    await scenes.healthy(store)
    app = dashboard(database)
    async with app.run_test() as pilot:
        await ready(pilot)
        before = app.export_screenshot()
        await pilot.press("t")
        await pilot.pause()
        assert app.theme == "light"
        assert "#f6f7f9" in app.export_screenshot()
        await pilot.press("t")
        await pilot.pause()
        assert "#f6f7f9" not in app.export_screenshot()
        assert "#10151b" in before


async def test_help_tells_the_keys(database: Path, store: Store) -> None:
    await scenes.healthy(store)
    app = dashboard(database)
    async with app.run_test() as pilot:
        await ready(pilot)
        await pilot.press("question_mark")
        await shows(pilot, "confirm the suggestion; the notice is shown first")
        await pilot.press("escape")
        await shows(pilot, "All 4 components operational")


async def test_keys_that_decide_are_offered_only_when_something_waits(database: Path, store: Store) -> None:
    await scenes.healthy(store)
    clock = FakeClock(NOW)
    app = dashboard(database, clock)
    async with app.run_test() as pilot:
        await ready(pilot)
        assert "Confirm" not in shown(app).splitlines()[-1]
        await pilot.press("c", "d")
        assert len(app.screen_stack) == 1
        await suggest(store, 0)
        await clock.advance(1)
        await shows(pilot, "c Confirm  d Dismiss")


async def test_the_palette_offers_our_own_actions_and_writes_no_files(database: Path, store: Store) -> None:
    await scenes.healthy(store)
    app = dashboard(database)
    async with app.run_test() as pilot:
        await ready(pilot)
        await pilot.press("ctrl+p")
        await shows(pilot, "Switch to the next theme")
        assert "Screenshot" not in shown(app)
        assert "Confirm the suggestion" not in shown(app)


async def test_a_tick_that_comes_while_the_board_is_taken_down_harms_nobody(database: Path, store: Store) -> None:
    await scenes.healthy(store)
    app = dashboard(database)
    async with app.run_test() as pilot:
        await ready(pilot)
        await app.screen.query_one(WallClock).remove()
        app._refresh()
        assert app.is_running
