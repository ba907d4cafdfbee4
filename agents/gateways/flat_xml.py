"""Reads an XML document that is a list of named texts, as the WeChat platform writes them.

The reader is Expat, which Python brings along: what is in Python gets its security fixes without a further dependency.
What makes XML dangerous needs a document type declaration (entities of any kind, and with them growth and access to
files or the net), so a document that has one is refused where its declaration begins. The rest is bounded: the body by
the web port, the depth here.
"""

from xml.parsers.expat import ExpatError, ParserCreate

from streams.errors import Invalid

_DEEPEST = 8
"""Of the platform's documents none goes deeper than five."""


def fields(document: bytes, root: str) -> dict[str, str]:
    """The text of each child of the ``root``, by its name; of those with one name the last. What lies deeper is left
    out. Raises ``Invalid``, also where it is not UTF-8, whatever it says of itself."""
    reader = _Reader(root)
    parser = ParserCreate("utf-8")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = reader.declared
    parser.StartElementHandler = reader.opened
    parser.EndElementHandler = reader.closed
    parser.CharacterDataHandler = reader.text
    try:
        document.decode()
        parser.Parse(document, True)
    except UnicodeDecodeError as error:
        raise Invalid("bad_value", type(error).__name__) from None
    except ExpatError as error:
        raise Invalid("bad_value", f"not XML: {type(error).__name__} {error.code}") from None
    return reader.fields


class _Reader:
    def __init__(self, root: str) -> None:
        self._root = root
        self._open: list[str] = []
        self._text: list[str] = []
        self.fields: dict[str, str] = {}

    def declared(self, *_: object) -> None:
        raise Invalid("bad_value", "XML with a document type declaration")

    def opened(self, name: str, _: dict[str, str]) -> None:
        if not self._open and name != self._root:
            raise Invalid("wrong_type", f"expected XML of a <{self._root}>")
        if len(self._open) == _DEEPEST:
            raise Invalid("bad_value", f"XML deeper than {_DEEPEST}")
        self._open.append(name)
        if len(self._open) == 2:
            self._text.clear()

    def text(self, text: str) -> None:
        if len(self._open) == 2:
            self._text.append(text)

    def closed(self, name: str) -> None:
        if len(self._open) == 2:
            self.fields[name] = "".join(self._text)
        self._open.pop()
