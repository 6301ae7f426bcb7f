"""A caller's interaction runs its flow and pops the caller's own record up on the screen."""

from urllib.parse import quote

from omwatch.probe import HttpSettings, Journey, Unmet, expect, probe


class Settings(HttpSettings):
    """[checks.*] keys of this probe, beside those every HTTP probe has."""

    interactions_path: str = "/interactions"
    flow: str = "inbound-voice"
    record_prefix: str = "crm-"  # the record of caller-03 is crm-caller-03
    raised_within: float = 5.0  # seconds
    popped_within: float = 5.0  # seconds


@probe(Settings, unit="interaction", noun="pop")
async def screen_pop(journey: Journey, settings: Settings) -> None:
    """Raise an interaction for one caller, see that its flow ran and that the right record popped up."""
    async with journey.step("raise an interaction", within=settings.raised_within):
        reply = await journey.http.post(settings.interactions_path, json={"caller": journey.subject})
        match expect(reply, 202).json():
            case {"interaction": str(interaction)}:
                here = f"{settings.interactions_path}/{quote(interaction, safe='', errors='replace')}"
            case answer:
                raise Unmet(f"expected the name of an interaction, got {answer!r}")

    async with journey.step("run the flow", within=settings.popped_within):
        state = "running"
        while state == "running":
            await journey.sleep(0.1)
            match expect(await journey.http.get(here), 200).json():
                case {"flow": {"name": flow, "state": str(state)}, "pop": pop}:
                    pass
                case answer:
                    raise Unmet(f"expected a flow and a pop, got {answer!r}")
        if (flow, state) != (settings.flow, "completed"):
            raise Unmet(f"flow {flow!r} is {state!r}, expected {settings.flow!r} to be 'completed'")

    async with journey.step("pop the record"):
        expected = settings.record_prefix + journey.subject
        match pop:
            case {"record": record} if record == expected:
                pass
            case _:
                raise Unmet(f"{pop!r} popped up, expected record {expected!r}")
