"""Agents can log in to the media bar and become Ready."""

from contextlib import suppress
from urllib.parse import quote

from omwatch.probe import HttpSettings, Journey, Unmet, expect, probe


class Settings(HttpSettings):
    """[checks.*] keys of this probe, beside those every HTTP probe has."""

    login_path: str = "/media-bar/login"
    login_within: float = 5.0  # seconds
    ready_within: float = 3.0  # seconds


@probe(Settings, unit="subject", noun="agent")
async def agent_login(journey: Journey, settings: Settings) -> None:
    """Log in, see Ready, log out: one synthetic agent, once."""
    async with journey.step("log in", within=settings.login_within):
        reply = await journey.http.post(settings.login_path, json=settings.credentials(journey.subject))
        session, state = session_in(expect(reply, 200).json())
    here = f"{settings.login_path}/{quote(session, safe='', errors='replace')}"
    try:
        async with journey.step("become ready", within=settings.ready_within):
            await see_ready(journey, here, state)
    except Exception:
        with suppress(Exception):  # log out all the same, but let nothing hide why the agent was not ready
            await journey.http.delete(here)
        raise
    async with journey.step("log out"):
        expect(await journey.http.delete(here), 204)


async def see_ready(journey: Journey, here: str, state: str) -> None:
    """Look until the session has stopped connecting."""
    while state == "connecting":
        await journey.sleep(0.1)
        _, state = session_in(expect(await journey.http.get(here), 200).json())
    if state != "ready":
        raise Unmet(f"logged in, but {state!r} instead of 'ready'")


def session_in(answer: object) -> tuple[str, str]:
    """Return the session and its state; services answer all sorts of things, so expect nothing of the shape."""
    match answer:
        case {"session": str(session), "state": str(state)}:
            return session, state
    raise Unmet(f"expected a session and its state, got {answer!r}")
