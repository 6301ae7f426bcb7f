"""The home's key: made once, never lost without a word, and good for sealing and signing."""

import base64
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from omwatch.config.home import Home
from omwatch.config.keyring import BadSeal, Keyring, NoKey
from omwatch.config.links import may_unsubscribe, unsubscribe_url
from omwatch.config.settings import Config

URL = "slack://TA/BB/hunter2"
PAGE = "https://status.example.com"


@pytest.fixture
def bare(tmp_path: Path) -> Home:
    return Home(tmp_path)


def test_what_is_sealed_can_be_opened_by_the_same_home(bare: Home) -> None:
    sealed = Keyring(bare).seal(URL)
    assert Keyring(bare).open(sealed) == URL


def test_a_sealed_text_tells_nothing(bare: Home) -> None:
    keyring = Keyring(bare)
    sealed = keyring.seal(URL)
    assert "hunter2" not in sealed
    assert base64.b64encode(b"hunter2")[:8].decode() not in sealed
    assert keyring.seal(URL) != sealed


def test_the_key_is_for_its_owner_alone_and_lies_among_the_secrets(bare: Home) -> None:
    Keyring(bare).seal(URL)
    assert bare.key == bare.root / "secrets" / "omwatch.key"
    assert bare.key.stat().st_mode & 0o777 == 0o600
    assert bare.secrets.stat().st_mode & 0o777 == 0o700
    assert len(base64.urlsafe_b64decode(bare.key.read_text().strip() + "=")) == 32
    assert [file.name for file in bare.secrets.iterdir()] == ["omwatch.key"]


def test_nothing_is_made_before_it_is_needed(bare: Home) -> None:
    keyring = Keyring(bare)
    assert not keyring.verify("unsubscribe", "7", "a" * 22)
    with pytest.raises(NoKey, match="is missing, and an address is sealed with it"):
        keyring.open("12345678:abc")
    assert list(bare.root.iterdir()) == []


def test_processes_that_make_a_key_at_once_end_with_the_same(bare: Home) -> None:
    code = (
        "import sys\nfrom pathlib import Path\nfrom omwatch.config.home import Home\n"
        "from omwatch.config.keyring import Keyring\nkeyring = Keyring(Home(Path(sys.argv[1])))\n"
        "print(flush=True)\nsys.stdin.readline()\nprint(keyring.sign('a', 'b'))"
    )
    command = [sys.executable, "-c", code, str(bare.root)]
    running = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    for process in running:
        assert process.stdout
        process.stdout.readline()
    for process in running:
        assert process.stdin
        process.stdin.write("\n")
        process.stdin.flush()
    said = [process.communicate(timeout=30) for process in running]
    assert {found for found, _ in said} == {f"{Keyring(bare).sign('a', 'b')}\n"}, said
    assert [file.name for file in bare.secrets.iterdir()] == ["omwatch.key"]


def test_a_key_that_is_gone_is_never_replaced_by_itself(bare: Home) -> None:
    sealed = Keyring(bare).seal(URL)
    bare.key.unlink()
    lost = "secrets/omwatch.key is missing; put it back from a backup"
    uses: list[Callable[[Keyring], object]] = [
        lambda keyring: keyring.seal(URL),
        lambda keyring: keyring.open(sealed),
        lambda keyring: keyring.sign("a", "b"),
        lambda keyring: keyring.verify("a", "b", "c"),
        lambda keyring: keyring.fingerprint(URL),
    ]
    for use in uses:
        with pytest.raises(NoKey, match=re.escape(lost)):
            use(Keyring(bare))
    assert not bare.key.exists()


def test_whoever_has_lost_it_for_good_can_begin_anew(bare: Home) -> None:
    sealed = Keyring(bare).seal(URL)
    bare.key.unlink()
    bare.key_record.unlink()
    assert Keyring(bare).open(Keyring(bare).seal(URL)) == URL
    with pytest.raises(BadSeal, match=r"sealed with another key than secrets/omwatch\.key"):
        Keyring(bare).open(sealed)


def test_another_homes_key_is_noticed(bare: Home, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = Home(tmp_path_factory.mktemp("other"))
    Keyring(bare).seal(URL)
    Keyring(other).seal(URL)
    bare.key.write_text(other.key.read_text())
    with pytest.raises(NoKey, match="is another key than this home's"):
        Keyring(bare).seal(URL)


@pytest.mark.parametrize("text", ["", "short", "ä" * 43, "!" * 43, "a" * 44])
def test_a_broken_key_is_no_key(bare: Home, text: str) -> None:
    bare.secrets.mkdir()
    bare.key.write_text(text)
    with pytest.raises(NoKey, match="does not hold a key of 32 bytes"):
        Keyring(bare).seal(URL)
    assert bare.key.read_text() == text


def test_a_key_that_cannot_be_written_is_said(bare: Home) -> None:
    bare.secrets.write_text("a file where a folder should be")
    with pytest.raises(NoKey, match=r"secrets/omwatch\.key cannot be (read|written): "):
        Keyring(bare).seal(URL)


# The last letters of a token may hold bits that say nothing, so the one that is changed lies before them.
@pytest.mark.parametrize("place", [0, 9, 20, -8])
def test_a_sealed_text_that_was_changed_does_not_open(bare: Home, place: int) -> None:
    keyring = Keyring(bare)
    sealed = list(keyring.seal(URL))
    sealed[place] = "0" if sealed[place] != "0" else "1"
    with pytest.raises(BadSeal):
        keyring.open("".join(sealed))


@pytest.mark.parametrize("sealed", ["", ":", "plain", "ä:ö"])
def test_what_was_never_sealed_does_not_open(bare: Home, sealed: str) -> None:
    keyring = Keyring(bare)
    keyring.seal(URL)
    with pytest.raises(BadSeal):
        keyring.open(sealed)


def test_no_error_shows_the_key_or_the_text(bare: Home) -> None:
    keyring = Keyring(bare)
    sealed = keyring.seal(URL)
    with pytest.raises(BadSeal) as caught:
        keyring.open(f"{sealed[:20]}{sealed[21:]}")
    key = bare.key.read_text().strip()
    assert not [secret for secret in (key, sealed, "hunter2") if secret in str(caught.value)]
    assert key not in repr(keyring)


def test_a_signature_is_good_for_its_purpose_and_its_text_only(bare: Home) -> None:
    keyring = Keyring(bare)
    signature = keyring.sign("unsubscribe", "7")
    assert Keyring(bare).verify("unsubscribe", "7", signature)
    assert not keyring.verify("unsubscribe", "8", signature)
    assert not keyring.verify("confirm", "7", signature)
    assert not keyring.verify("unsubscribe", "7", signature[:-1])
    assert not keyring.verify("unsubscribe", "7", "ä")
    assert not keyring.verify("unsubscribe", "7", "\udcff")
    assert re.fullmatch(r"[A-Za-z0-9_-]{22}", signature)


def test_a_fingerprint_is_the_homes_own(bare: Home, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = Keyring(Home(tmp_path_factory.mktemp("other")))
    assert Keyring(bare).fingerprint(URL) == Keyring(bare).fingerprint(URL)
    assert Keyring(bare).fingerprint(URL) != other.fingerprint(URL)


def test_everybody_has_a_link_to_unsubscribe_that_nobody_else_can_guess(bare: Home) -> None:
    keyring = Keyring(bare)
    link = unsubscribe_url(f"{PAGE}/", keyring, 7)
    found = re.fullmatch(rf"{PAGE}/unsubscribe/7/([A-Za-z0-9_-]{{22}})", link)
    assert found
    assert unsubscribe_url(PAGE, Keyring(bare), 7) == link
    assert may_unsubscribe(keyring, 7, found[1])
    assert not may_unsubscribe(keyring, 8, found[1])
    assert not may_unsubscribe(keyring, 7, "")


def test_the_key_is_no_secret_of_the_configuration(home: Home, load_text: Callable[..., Config]) -> None:
    config = load_text("")
    Keyring(home).seal(URL)
    assert home.key.exists()
    assert load_text("") == config


def test_naming_a_keyring_loads_no_cipher() -> None:
    code = "import sys, omwatch.config.keyring, omwatch.config.links; print('cryptography' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30)
    assert ran.stdout.strip() == "False"
