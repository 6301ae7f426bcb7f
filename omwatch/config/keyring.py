"""The home's key: what seals the addresses of destinations in the database, and signs the links in mails.

It lies in the secrets folder, outside the database, so that a copy of the database alone opens nothing. A home that has
had a key gets no other by itself: what was sealed and signed with the first would be lost without a word.
"""

import base64
import binascii
import hmac
import os
from contextlib import suppress
from pathlib import Path

from omwatch.clock import new_token
from omwatch.config.home import Home
from omwatch.domain.destination import fingerprint

_KEY_BYTES, _SIGNATURE_BYTES, _ID_DIGITS = 32, 16, 8
_SEAL, _FINGERPRINT, _ID = "seal", "fingerprint", "id"


class NoKey(LookupError):
    """The home's key is missing, or is another than the one that it began with."""


class BadSeal(ValueError):
    """A sealed text cannot be opened."""


class Keyring:
    """Seals and signs with one home's key; the key is read, or made, at first need."""

    def __init__(self, home: Home) -> None:
        """Name the home; nothing is read yet."""
        self._home = home
        self._key: bytes | None = None

    def seal(self, text: str) -> str:
        """Return a text so that only this home can read it; the same text looks different each time.

        Raises:
            NoKey: the home's key has been lost, or none can be written.
        """
        from cryptography.fernet import Fernet  # noqa: PLC0415 - 30 ms, which starting up need not wait for

        key = self._ready()
        # The instant would be written into it; when something was sealed is no part of what must be known.
        token = Fernet(base64.urlsafe_b64encode(_derived(key, _SEAL))).encrypt_at_time(text.encode(), 0)
        return f"{_id(key)}:{token.decode()}"

    def open(self, sealed: str) -> str:
        """Return the text that was sealed.

        Raises:
            BadSeal: it was sealed with another key, or has been changed.
            NoKey: there is no key to open it with.
        """
        from cryptography.fernet import Fernet, InvalidToken  # noqa: PLC0415 - as above

        key = self._known()
        if key is None:
            raise NoKey(f"{self._name} is missing, and an address is sealed with it; put it back from a backup")
        named, _, token = sealed.partition(":")
        if named != _id(key):
            raise BadSeal(f"sealed with another key than {self._name}; enter the address again, or put that key back")
        try:
            return Fernet(base64.urlsafe_b64encode(_derived(key, _SEAL))).decrypt(token).decode()
        except (InvalidToken, UnicodeDecodeError) as error:
            raise BadSeal("the sealed address has been changed in the database; enter the address again") from error

    def fingerprint(self, url: str) -> str:
        """Return what a destination's URL is known by in the database.

        Raises:
            NoKey: the home's key has been lost, or none can be written.
        """
        return fingerprint(url, _derived(self._ready(), _FINGERPRINT))

    def sign(self, purpose: str, text: str) -> str:
        """Return a signature that nobody without the key can make, fit for a URL; it never expires.

        Raises:
            NoKey: the home's key has been lost, or none can be written.
        """
        return _signature(self._ready(), purpose, text)

    def verify(self, purpose: str, text: str, signature: str) -> bool:
        """Tell whether a signature was made by this home for this purpose and this text.

        Raises:
            NoKey: the home's key has been lost.
        """
        key = self._known()
        if key is None or not signature.isascii():
            return False
        return hmac.compare_digest(_signature(key, purpose, text), signature)

    @property
    def _name(self) -> str:
        return f"secrets/{self._home.key.name}"

    def _ready(self) -> bytes:
        key = self._known()
        if key is None:
            try:
                _write_once(self._home.key, new_token())
            except OSError as error:
                raise NoKey(f"{self._name} cannot be written: {error.strerror}") from error
            key = self._known()
        if key is None:
            raise NoKey(f"{self._name} vanished while it was made; try again")
        return key

    def _known(self) -> bytes | None:
        """Return the key, or None where the home never had one."""
        if self._key is None and (key := self._read()):
            self._recognise(key)
            self._key = key
        return self._key

    def _read(self) -> bytes | None:
        # Asked for first, as whoever makes a key writes the key before the record.
        had_one = self._home.key_record.exists()
        try:
            text = self._home.key.read_text(encoding="ascii").strip()
            key = base64.b64decode(f"{text}=", altchars=b"-_", validate=True)
        except FileNotFoundError:
            if had_one:
                raise NoKey(
                    f"{self._name} is missing; put it back from a backup. If it is lost for good, delete "
                    f"data/{self._home.key_record.name}: then a new key is made, links in old mails stop working, and "
                    "destinations must be entered again"
                ) from None
            return None
        except OSError as error:
            raise NoKey(f"{self._name} cannot be read: {error.strerror}") from error
        except (UnicodeDecodeError, binascii.Error):
            key = b""
        if len(key) != _KEY_BYTES:
            raise NoKey(f"{self._name} does not hold a key of {_KEY_BYTES} bytes; put it back from a backup")
        return key

    def _recognise(self, key: bytes) -> None:
        record = self._home.key_record
        with suppress(FileNotFoundError):
            if record.read_text(encoding="ascii").strip() == _id(key):
                return
            raise NoKey(
                f"{self._name} is another key than this home's; put that one back from a backup, or delete "
                f"data/{record.name} to go on with this one"
            )
        try:
            self._home.make_data()
            _write_once(record, _id(key))
        except OSError as error:
            raise NoKey(f"data/{record.name} cannot be written: {error.strerror}") from error


def _write_once(path: Path, text: str) -> None:
    """Write a file that only its owner may read, whole, unless another process has done so first."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{new_token()[:8]}")  # hidden, so nobody takes it for a secret of the config
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(f"{text}\n")
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(aside, path)
    finally:
        aside.unlink()


def _derived(key: bytes, purpose: str) -> bytes:
    """Return the key for one purpose: HKDF's expansion (RFC 5869) for one block, as ours is random throughout."""
    return hmac.digest(key, f"omwatch {purpose}".encode() + b"\x01", "sha256")


def _signature(key: bytes, purpose: str, text: str) -> str:
    signature = hmac.digest(_derived(key, f"sign {purpose}"), text.encode(), "sha256")[:_SIGNATURE_BYTES]
    return base64.urlsafe_b64encode(signature).rstrip(b"=").decode()


def _id(key: bytes) -> str:
    return _derived(key, _ID).hex()[:_ID_DIGITS]
