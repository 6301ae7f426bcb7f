"""An address from outside means one mailbox, or is refused."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omwatch.domain.subscriber import email_address


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("ada@example.com", "ada@example.com"),
        ("  ada@example.com\n", "ada@example.com"),
        ("Ada.Lovelace@EXAMPLE.Com", "Ada.Lovelace@example.com"),
        ("ada+noc@mail.example.co.uk", "ada+noc@mail.example.co.uk"),
        ("o'brien@example.com", "o'brien@example.com"),
        ("!#$%&'*+/=?^_`{|}~-@example.com", "!#$%&'*+/=?^_`{|}~-@example.com"),
        ("a@xn--bcher-kva.example", "a@xn--bcher-kva.example"),
        ("1@2.example", "1@2.example"),
        (f"{'a' * 64}@example.com", f"{'a' * 64}@example.com"),
        (f"a@{'b' * 63}.example", f"a@{'b' * 63}.example"),
    ],
)
def test_a_plain_address_is_taken(written: str, stored: str) -> None:
    assert email_address(written) == stored


@pytest.mark.parametrize("written", ["", "   ", "ada", "ada.example.com"])
def test_what_has_no_at_is_told_so(written: str) -> None:
    with pytest.raises(ValueError, match="an e-mail address has an @"):
        email_address(written)


@pytest.mark.parametrize(
    "written",
    [
        "@example.com",
        "ada@",
        "ada@localhost",
        "ada@@example.com",
        "ada@example..com",
        "ada@.example.com",
        "ada@example.com.",
        "ada@-example.com",
        "ada@example-.com",
        "ada@exa_mple.com",
        ".ada@example.com",
        "ada.@example.com",
        "a..b@example.com",
        "ada lovelace@example.com",
        '"ada"@example.com',
        "ada(comment)@example.com",
        "Ada <ada@example.com>",
        "<ada@example.com>",
        "ada@[127.0.0.1]",
        "ada@127.0.0.1",  # an address of a machine, not a name
        "ada@example.1",
        "ada@example.com, eve@example.com",
        "ada@example.com;eve@example.com",
        "ada@example.com\r\nBcc: eve@example.com",
        "ada@example.com\nRCPT TO:<eve@example.com>",
        "ada\n@example.com",
        "ada@example.com\x00",
        "ada@example.com?bcc=eve@example.com",
        "mailto:ada@example.com",
        "mailto://user:pass@evil.example/?to=ada@example.com",
        "ada@example.com/../../etc",
        "ada@ex\u0430mple.com",  # a Cyrillic letter
        "ädä@example.com",
        "ada@example\u3002com",
        "ada\u200b@example.com",
        f"{'a' * 65}@example.com",
        f"a@{'b' * 64}.example",
        f"a@{'b.' * 125}example",
    ],
)
def test_what_could_mean_anything_else_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="write it like name@example"):
        email_address(written)


@given(text=st.text(max_size=60) | st.from_regex(r"[!-~]{1,20}@[!-~]{1,20}", fullmatch=True))
def test_any_text_is_refused_or_becomes_one_plain_address(text: str) -> None:
    try:
        address = email_address(text)
    except ValueError:
        return
    local, _, domain = address.partition("@")
    assert address.isascii()
    assert not set(address) & set(' \t\r\n"(),:;<>@[\\]'.replace("@", ""))
    assert local
    assert "." in domain
    assert domain == domain.lower()
    assert address.count("@") == 1


@settings(max_examples=30)
@given(address=st.emails(domains=st.from_regex(r"[a-z]{1,10}\.[a-z]{2,5}", fullmatch=True)))
def test_the_stored_form_is_stable(address: str) -> None:
    stored = email_address(address)
    assert email_address(stored) == stored
