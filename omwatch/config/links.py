"""Links in mails that let somebody do something without logging in."""

from omwatch.config.keyring import Keyring

_PURPOSE = "unsubscribe"


def unsubscribe_url(page_url: str, keyring: Keyring, subscriber: int) -> str:
    """Return a subscriber's own link to unsubscribe (RFC 8058); it works for ever, and nobody else can guess it.

    Raises:
        omwatch.config.keyring.NoKey: the home's key has been lost, or none can be written.
    """
    return f"{page_url.rstrip('/')}/{_PURPOSE}/{subscriber}/{keyring.sign(_PURPOSE, str(subscriber))}"


def may_unsubscribe(keyring: Keyring, subscriber: int, signature: str) -> bool:
    """Tell whether a link with this signature was given to this subscriber.

    Raises:
        omwatch.config.keyring.NoKey: the home's key has been lost.
    """
    return keyring.verify(_PURPOSE, str(subscriber), signature)
