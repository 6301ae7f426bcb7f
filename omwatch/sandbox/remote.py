"""A running sandbox, spoken to from another process through its control port."""

import http.client
import json
from typing import Any
from urllib.parse import urlsplit

from omwatch.config.addresses import read_record
from omwatch.config.home import Home
from omwatch.sandbox.fault import Fault, JourneyName

_TIMEOUT = 30.0


class NoSandbox(LookupError):
    """No sandbox runs in this home, or it does not answer."""


class RemoteSandbox:
    """The control port of the sandbox that runs in a home."""

    def __init__(self, home: Home) -> None:
        """Find the running sandbox.

        Raises:
            NoSandbox: none runs in this home.
        """
        record = read_record(home)
        if record is None:
            where = home.root.resolve()
            raise NoSandbox(f"no sandbox runs in {where}; start one with 'omwatch sandbox --home {where}'")
        self._control = urlsplit(record.addresses["control"])

    def inject(self, journey: JourneyName, fault: Fault) -> None:
        """Put a fault in force."""
        self._ask("PUT", f"/faults/{journey}", fault.to_json())

    def clear(self, journey: JourneyName | None) -> None:
        """Make a journey healthy, or all of them."""
        self._ask("DELETE", f"/faults/{journey}" if journey else "/faults")

    def faults(self) -> dict[JourneyName, Fault]:
        """Return the faults in force."""
        found = self._ask("GET", "/faults")
        return {JourneyName(name): Fault.from_json(fault) for name, fault in found.items()}

    def mail(self) -> list[dict[str, Any]]:
        """Return the notices that the sink holds, oldest first."""
        notices: list[dict[str, Any]] = self._ask("GET", "/mail")
        return notices

    def _ask(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 - whatever JSON it answers
        # http.client rather than httpx: it starts at once and knows no proxies.
        connection = http.client.HTTPConnection(self._control.hostname or "", self._control.port, timeout=_TIMEOUT)
        try:
            connection.request(method, path, body=None if body is None else json.dumps(body))
            answer = connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise NoSandbox(f"the sandbox at {self._control.geturl()} does not answer: {error}") from error
        finally:
            connection.close()
        if answer.status >= http.client.BAD_REQUEST:
            raise ValueError(f"the sandbox refused: {content.decode(errors='replace')}")
        return json.loads(content) if content else None
