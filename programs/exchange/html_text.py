"""HTML as plain text: paragraphs and breaks become lines, entities characters, tags nothing.

One pass whose time grows with the length of the text only, whatever is in it: the standard library's parser needs a
minute for sixty thousand characters of broken tags. What is no tag (`a < b`, `<jo@example.org>`) stays as it is.
The result is text for people, to be escaped like any other; it is not safe HTML.
"""

from __future__ import annotations

import re
from html import unescape

# A quote counts behind an equals sign only, as in a browser; each of these looks at a character once (`*+`).
_TAG = re.compile(
    r"""<(/?)([A-Za-z][A-Za-z0-9:]*)(?=[\s/>])(?:[^>=]++|=\s*+(?:"[^"]*"|'[^']*')?+)*+>""", re.ASCII
)
_LOOSE = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9:]*)(?=[\s/>])[^>]*+>", re.ASCII)
_NEXT = re.compile(r"<(?=/?[A-Za-z][A-Za-z0-9:]*[\s/>]|[!?])", re.ASCII)
_BLOCKS = frozenset({
    "address", "article", "blockquote", "center", "dd", "div", "dl", "dt", "footer", "h1", "h2", "h3", "h4", "h5", "h6",
    "header", "hr", "li", "ol", "p", "pre", "section", "table", "tr", "ul",
})  # fmt: skip
_BREAKS = re.compile(rf"</?(?:br|{'|'.join(sorted(_BLOCKS))})[\s/>]", re.IGNORECASE | re.ASCII)
_CELLS = frozenset({"td", "th"})
_PICTURES = frozenset({"img", "object", "v:imagedata"})
_UNSEEN = {
    name: re.compile(f"</{name}[\\s/>]", re.IGNORECASE | re.ASCII) for name in ("script", "style", "title")
}
_BLANKS = re.compile(r"[ \t\r\n\f]+")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
_ENDLESS = re.compile(r"&#(?:[0-9]{9,}|[xX][0-9a-fA-F]{9,});?", re.ASCII)
"""Numbers that name no character, and that Python refuses to read where they have thousands of digits."""


def text_of(source: str) -> tuple[str, int]:
    """The text of a piece of HTML, lines apart by `\\n`, and how many pictures were left out of it.

    Where nothing in it breaks a line (plain text, or one element around it), line breaks are those of the source.
    """
    lines = _Lines(kept=not _BREAKS.search(source))
    lines.read(source.replace("\r\n", "\n"))
    return "\n".join(lines.done), lines.pictures


class _Lines:
    """The lines read so far; `kept`: line breaks of the source are line breaks."""

    def __init__(self, *, kept: bool) -> None:
        self.kept = kept
        self.done: list[str] = []
        self.pictures = 0
        self._line: list[str] = []
        self._bullet = False

    def read(self, source: str) -> None:
        at, tag, last = 0, _TAG, source.rfind(">")
        while (start := _NEXT.search(source, at)) and start.start() < last:
            if start.start() > at:
                self._say(source[at : start.start()])
                at = start.start()
            if source.startswith("<!--", at):
                end = source.find("-->", at + 4)
                at = len(source) if end < 0 else end + 3
                continue
            if source.startswith(("<!", "<?"), at):
                at = source.find(">", at) + 1
                continue
            found = tag.match(source, at)
            if found is None:  # a quote that never ends: from here on quotes do not count
                tag = _LOOSE
                found = tag.match(source, at)
            at = self._tag(source, found) if found else len(source)
        self._say(source[at:])
        self._end()

    def _tag(self, source: str, found: re.Match[str]) -> int:
        """What a tag does to the lines; where to read on."""
        name, opens = found[2].lower(), not found[1]
        if name == "br":
            self._end(always=True)
        elif name in _BLOCKS:
            self._end()
            self._bullet = (self._bullet or name == "li") and (opens or name != "li")
        elif name in _CELLS and self._line:
            self._line.append(" ")
        elif name in _PICTURES and opens:
            self.pictures += 1
        elif name in _UNSEEN and opens:
            end = _UNSEEN[name].search(source, found.end())
            return len(source) if end is None else end.start()
        return found.end()

    def _say(self, text: str) -> None:
        *whole, last = text.split("\n") if self.kept else (text,)
        for line in whole:
            self._add(line)
            self._end(always=True)
        self._add(last)

    def _add(self, text: str) -> None:
        said = _BLANKS.sub(" ", text)
        if "&" in said:
            said = unescape(_ENDLESS.sub("\ufffd", said))
        if said:
            self._line.append(_CONTROL.sub(" ", said))

    def _end(self, *, always: bool = False) -> None:
        if not always and not self._line:
            return
        text = "".join(self._line).strip(" ")  # a no-break space alone is a line that somebody left empty
        self._line.clear()
        if text or always:
            self.done.append(f"- {text}" if self._bullet else text)
            self._bullet = False
