"""What a reader sees of a mail's HTML, read with code of its own, and what of it could do harm."""

from html.parser import HTMLParser

BLOCKS = {"h1", "h2", "p", "li", "th", "td"}
TAGS = BLOCKS | {"html", "head", "meta", "title", "style", "body", "table", "tr", "ol", "div"}
ATTRIBUTES = {
    "lang", "charset", "name", "content", "class", "style", "role", "scope", "width", "align",
    "cellpadding", "cellspacing", "border",
}  # fmt: skip


class Page(HTMLParser):
    """``lines`` are the texts that are shown, in order: one for each paragraph, step, and row (``label：value``)."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.styles: list[str] = []
        self.titles: list[str] = []
        self.lang: str | None = None
        self._open: list[str] = []
        self._text = ""
        self._label = ""
        self.lines: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attributes}
        self.styles += [value or "" for name, value in attributes if name == "style"]
        if tag == "html":
            self.lang = dict(attributes).get("lang")
        if tag != "meta":
            self._open.append(tag)
        if tag in BLOCKS:
            self._text = ""

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag
        if tag == "th":
            self._label = f"{self._text}："
            self._text = ""
        elif tag in BLOCKS and self._text.strip():
            self.lines.append(self._label + self._text)
            self._label = self._text = ""

    def handle_data(self, data: str) -> None:
        inside = self._open[-1] if self._open else ""
        if inside == "title":
            self.titles.append(data)
        elif inside in BLOCKS:
            self._text += data
        elif inside != "style":
            assert not data.strip(), data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)
