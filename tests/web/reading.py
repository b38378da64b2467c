"""Reads a page as a browser does: which elements it has and which text people see."""

from html.parser import HTMLParser

APART = {"td", "th", "dt", "dd", "li", "p", "summary", "h1", "h2", "h3"}


class Page(HTMLParser):
    """`tags` in order, `attributes` of every element, `text` without markup, `links` as written."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self._texts: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag in APART:
            self._texts.append(" ")
        self.attributes.extend(attrs)

    def handle_data(self, data: str) -> None:
        self._texts.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self._texts).split())

    @property
    def links(self) -> list[str]:
        return [value or "" for name, value in self.attributes if name == "href"]
