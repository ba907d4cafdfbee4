"""The words that carriers block, and where they stand in a text.

Carriers look through the ornaments that are put between characters, so a word is found as if they were not there, in
any case and width. A word of Latin letters is found only as a word, for others have it in them: no ``gun`` in Burgundy.
"""

import unicodedata
from collections.abc import Iterable, Iterator

from ahocorasick_rs import AhoCorasick, MatchKind

_EDGE = "\0"  # stands at both ends of each run of Latin letters and digits


class SensitiveWords:
    """A list of words, made ready once to be looked for at a cost that hardly depends on how many there are.

    Raises ``ValueError`` where one holds no letter, so that it could never be found.
    """

    def __init__(self, words: Iterable[str] = ()) -> None:
        keys = {}
        for word in words:
            key = "".join(letter for letter, _ in _letters(word))
            if not key:
                raise ValueError(f"expected words, got {word!r}")
            keys[key] = word
        self._words = list(keys.values())
        self._automaton = AhoCorasick(keys, MatchKind.LeftmostLongest)

    def found(self, text: str) -> list[str]:
        """The words in ``text`` as the list writes them, leftmost first, of several in one place the longest."""
        return [self._words[word] for word, _, _ in self._spans(text)]

    def without(self, text: str) -> str:
        """``text`` with a space in the place of each. What is left may hold another: see ``clean``."""
        for _, start, end in reversed(self._spans(text)):
            text = f"{text[:start]} {text[end:]}"
        return text

    def _spans(self, text: str) -> list[tuple[int, int, int]]:
        if not self._words:
            return []
        letters = list(_letters(text))
        matches = self._automaton.find_matches_as_indexes("".join(letter for letter, _ in letters))
        spans = []
        for word, start, end in matches:
            places = [place for letter, place in letters[start:end] if letter != _EDGE]
            spans.append((word, places[0], places[-1] + 1))
        return spans


def _letters(text: str) -> Iterator[tuple[str, int]]:
    """The letters and digits of ``text`` as words are compared by, each with its place."""
    latin = edge = False
    for place, character in enumerate(text):
        for letter in unicodedata.normalize("NFKD", character).casefold():
            if unicodedata.combining(letter):
                continue
            counts = letter.isalnum()
            if (counts and letter.isascii()) != latin:
                latin = not latin
                if not edge:
                    yield _EDGE, place
                edge = True
            if counts:
                yield letter, place
                edge = False
    if latin:
        yield _EDGE, len(text)
