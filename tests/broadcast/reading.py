"""Reading what was rendered as its readers do: browsers, mail programs, chats."""

from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from html.parser import HTMLParser

from markdown_it import MarkdownIt
from markdown_it.token import Token

APART = "\u200b"


class Markup(HTMLParser):
    """What a browser makes of HTML: elements with their attributes, comments, and the words that people see."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.tags: list[tuple[str, tuple[tuple[str, str | None], ...]]] = []
        self.links: list[str | None] = []
        self.asides: list[str] = []
        """Comments, declarations and instructions."""
        self.seen: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.tags.append((tag, tuple(attrs)))
        self.links += [value for name, value in attrs if name in {"href", "src", "action", "data", "background"}]

    def handle_data(self, data: str) -> None:
        self.seen.append(data)

    def handle_comment(self, data: str) -> None:
        self.asides.append(data)

    def handle_decl(self, decl: str) -> None:
        self.asides.append(decl)

    def unknown_decl(self, data: str) -> None:
        self.asides.append(data)

    def handle_pi(self, data: str) -> None:
        self.asides.append(data)


@dataclass
class Chat:
    """What a chat makes of Markdown, with links made of whatever looks like an address."""

    kinds: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    strong: list[str] = field(default_factory=list)
    items: int = 0
    words: str = ""
    """What people see, without characters that nobody sees."""


def chat(markdown: str) -> Chat:
    """Read Markdown as a strict reader of CommonMark does, with links, tables and strikethrough of GitHub's kind."""
    reader = MarkdownIt("commonmark", {"linkify": True}).enable(["linkify", "table", "strikethrough"])
    found, inside = Chat(), False
    for token in _flat(reader.parse(markdown)):
        found.kinds.add(token.type)
        if token.type == "link_open":
            found.links.append(str(token.attrs["href"]))
        elif token.type == "strong_open":
            found.strong.append("")
        elif token.type == "list_item_open":
            found.items += 1
        inside = token.type == "strong_open" or (inside and token.type != "strong_close")
        words = "\n" if token.type in {"softbreak", "hardbreak", "paragraph_close"} else token.content
        if token.type != "inline":
            found.words += words.replace(APART, "")
            if inside:
                found.strong[-1] += words.replace(APART, "")
    return found


def mail(raw: bytes) -> EmailMessage:
    """Read a message as it went over the wire."""
    message = message_from_bytes(raw, policy=default)
    assert isinstance(message, EmailMessage)
    return message


def _flat(tokens: list[Token]) -> list[Token]:
    return [each for token in tokens for each in (token, *(token.children or []))]
