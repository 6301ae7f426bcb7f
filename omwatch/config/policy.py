"""From a checked configuration to the rules of its desk, and to the role of whoever acts."""

import os
import pwd
from datetime import timedelta

from omwatch.config.home import Home
from omwatch.config.settings import Config
from omwatch.domain.alarm import place_of
from omwatch.domain.policy import Policy
from omwatch.domain.role import MACHINE, Operator
from omwatch.domain.safetext import clean
from omwatch.domain.severity import Severity

_LONGEST_NAME = 60


def policy_of(config: Config, home: Home | None = None) -> Policy:
    """Return the rules that a home sets for its operators' decisions."""
    desk, oncall = config.desk, config.oncall
    return Policy(
        levels=config.service_levels.levels,
        mail_domain=config.broadcast.mail_domain,
        hold=timedelta(seconds=desk.hold),
        two_person=frozenset(map(Severity, desk.two_person)),
        zone=desk.zone,
        reports_needed=desk.reports_needed,
        reports_within=timedelta(seconds=desk.reports_within),
        oncall=tuple(place_of(address.get_secret_value()) for address in oncall.addresses),
        remind_before=tuple(timedelta(seconds=before) for before in oncall.remind_before),
        repeat_alarms=timedelta(seconds=oncall.repeat),
        alarm_percent=config.broadcast.alarm_percent,
        templates=home.templates if home else None,
    )


def operator_of(config: Config, name: str | None = None) -> Operator:
    """Return who acts: the operating system's user, or whoever ``--as NAME`` says, where that is allowed.

    Raises:
        ValueError: it is not allowed, or nobody can be called that.
    """
    if name is None:
        user = clean(_user(), _LONGEST_NAME)
        # What a person decides must never pass for the clock's, in the audit log or anywhere else.
        return Operator(f"{user} (user)" if user == MACHINE.name else user, config.desk.role_of(user))
    if not config.desk.allow_as:
        raise ValueError("--as is not allowed here; an admin allows it with allow_as = true in [desk] of config.toml")
    said = clean(name, _LONGEST_NAME)
    if not said or said == MACHINE.name:
        raise ValueError(f"nobody can act as {said!r}; write a person's name")
    return Operator(said, config.desk.role_of(said))


def _user() -> str:
    # The environment would let anybody call themselves whatever they like.
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # containers run as numbers that no list of users knows
        return f"uid {os.getuid()}"
