"""What a browser paints: the contrast of words and their ground, as the styles of a mail have it (WCAG 2)."""

import re
from html.parser import HTMLParser

_VOID = {"meta", "br", "hr", "img", "input", "link"}
_RULE = re.compile(r"\.([\w-]+) \{([^}]*)\}")
_DARK = re.compile(r"@media \(prefers-color-scheme: dark\) \{\n(.*?)\n\}\n", re.DOTALL)


def contrasts(html: str, *, dark: bool) -> dict[str, float]:
    """Return, for each text in an HTML's body, how far it stands out: from 1 (not at all) to 21."""
    return _Painter(html, dark=dark).found


class _Painter(HTMLParser):
    """Follows colours from element to element: those of the element itself, and with ``dark`` those of its classes."""

    def __init__(self, html: str, *, dark: bool) -> None:
        super().__init__()
        self.found: dict[str, float] = {}
        rules = _DARK.search(html)
        assert rules is not None
        self._of_class = {name: _declared(body) for name, body in _RULE.findall(rules[1])} if dark else {}
        self._open: list[tuple[str, str, str]] = [("", "", "")]
        self._in_body = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_body = self._in_body or tag == "body"
        if tag in _VOID:
            return
        _, ink, ground = self._open[-1]
        attributes = dict(attrs)
        declared = _declared(attributes.get("style") or "")
        for name in (attributes.get("class") or "").split():
            declared |= self._of_class.get(name, {})
        self._open.append((tag, declared.get("color", ink), declared.get("background-color", ground)))

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID:
            assert self._open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        if self._in_body and data.strip():
            _, ink, ground = self._open[-1]
            lighter, darker = sorted((_luminance(ink), _luminance(ground)), reverse=True)
            self.found[f"{data.strip()} ({ink} on {ground})"] = (lighter + 0.05) / (darker + 0.05)


def _declared(style: str) -> dict[str, str]:
    pairs = (part.split(":", 1) for part in style.split(";") if ":" in part)
    return {name.strip(): value.replace("!important", "").strip() for name, value in pairs}


def _luminance(colour: str) -> float:
    assert re.fullmatch(r"#[0-9a-f]{6}", colour), colour
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return 0.2126 * _linear(red) + 0.7152 * _linear(green) + 0.0722 * _linear(blue)


def _linear(part: float) -> float:
    return float(part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4)
