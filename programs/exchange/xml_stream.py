"""XML as a stream of small records with their line numbers, bounded before anything is built.

One pass of expat: no document type, no entities, no processing instructions, UTF-8 only, at most 40 levels. A record
is an element such as a Task; it is handed over when it ends and then forgotten, so memory does not grow with the file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from .problems import ImportRefused

MAX_DEPTH = 40
MAX_NODES = 1_000_000
MAX_TEXT = 20_000
_PIECE = 1 << 16
_NONE: dict[str, str] = {}
_NO_LONG: dict[str, int] = {}


@dataclass(slots=True)
class Element:
    """An element with its text, its attributes, its children in order and the line on which it begins."""

    tag: str
    line: int
    text: str = ""
    children: list[Element] = field(default_factory=list)
    attributes: dict[str, str] = field(default_factory=dict)

    def get(self, tag: str) -> str:
        """The text of the first child with this tag, stripped; empty where there is none."""
        for child in self.children:
            if child.tag == tag:
                return child.text.strip()
        return ""

    def all(self, tag: str) -> list[Element]:
        """The children with this tag."""
        return [child for child in self.children if child.tag == tag]


def records(
    data: bytes,
    file: str,
    root: str,
    holders: frozenset[str],
    skipped: frozenset[str],
    *,
    ends: bool = False,
    about: Element | None = None,
    long: Mapping[str, int] = _NO_LONG,
) -> Iterator[Element]:
    """Yield every child of a holder (such as Tasks) and every plain child of the root, in document order.

    `root` is the expected root, `namespace}name` (`*}name`: in any namespace); another one is refused. Elements named
    in `skipped` are passed over with all they hold. With `ends` the end of a holder is told by an empty record named
    `/` and its tag. `about` is given the root's attributes. `long` names elements whose text
    may be longer than other text: they are read to one character more than it says. Anything that is not plain,
    bounded, well-formed XML raises `ImportRefused`.
    """
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise ImportRefused("is not UTF-8", file=file)
    builder = _Builder(file, root, holders, skipped, ends, about, long)
    parser = builder.parser
    try:
        for at in range(0, len(data), _PIECE):
            parser.Parse(data[at : at + _PIECE], False)
            yield from builder.taken()
        parser.Parse(b"", True)
        yield from builder.taken()
    except expat.ExpatError as fault:
        reason = expat.errors.messages.get(fault.code, "syntax error")
        raise ImportRefused(f"is not well-formed XML ({reason})", file=file, row=fault.lineno) from None
    except (LookupError, ValueError):
        raise ImportRefused("is not UTF-8", file=file) from None


class _Builder:
    def __init__(
        self,
        file: str,
        root: str,
        holders: frozenset[str],
        skipped: frozenset[str],
        ends: bool,
        about: Element | None,
        long: Mapping[str, int],
    ) -> None:
        self._ends, self._about, self._long = ends, about, long
        self.parser = expat.ParserCreate("utf-8", "}")
        self.parser.buffer_text = True
        self._file, self._root, self._holders, self._skipped = file, root, holders, skipped
        self._namespace = root.rpartition("}")[0] + "}"
        self._stack: list[Element] = []
        self._depth = self._nodes = 0
        self._skip_below = 0
        self._in_holder = False
        self._done: list[Element] = []
        for name in (
            "StartDoctypeDeclHandler",
            "EntityDeclHandler",
            "ExternalEntityRefHandler",
            "ProcessingInstructionHandler",
            "UnparsedEntityDeclHandler",
        ):
            setattr(self.parser, name, self._forbidden)
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text

    def taken(self) -> list[Element]:
        """The records finished since the last call."""
        done, self._done = self._done, []
        return done

    def _refuse(self, reason: str) -> ImportRefused:
        return ImportRefused(reason, file=self._file, row=self.parser.CurrentLineNumber)

    def _forbidden(self, *_: Any) -> int:
        raise self._refuse("holds a document type, an entity or a processing instruction; these are not read")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        self._nodes += 1 + len(attributes)
        if self._depth > MAX_DEPTH:
            raise self._refuse(f"nests more than {MAX_DEPTH} levels deep")
        if self._nodes > MAX_NODES:
            raise self._refuse(f"holds more than {MAX_NODES:,} elements")
        if self._depth == 1:
            if self._root.startswith("*}") and name.rpartition("}")[2] == self._root[2:]:
                self._namespace = name.removesuffix(self._root[2:])
            elif name != self._root:
                raise self._refuse(f"is not the expected document: its root is {name[:80]}")
            if self._about is not None:
                self._about.attributes.update(attributes)
            return
        if self._skip_below:
            return
        if any(len(value) > MAX_TEXT for value in attributes.values()):
            raise self._refuse(f"holds a value of more than {MAX_TEXT:,} characters")
        tag = name.removeprefix(self._namespace)
        if tag in self._skipped:
            self._skip_below = self._depth
        elif self._depth == 2 and tag in self._holders:
            self._in_holder = True
        else:
            element = Element(tag, self.parser.CurrentLineNumber, attributes=attributes or _NONE)
            if self._stack:
                self._stack[-1].children.append(element)
            self._stack.append(element)

    def _end(self, name: str) -> None:
        depth, self._depth = self._depth, self._depth - 1
        if self._skip_below:
            if depth == self._skip_below:
                self._skip_below = 0
        elif self._stack:
            element = self._stack.pop()
            if not self._stack:
                self._done.append(element)
        elif depth == 2:
            self._in_holder = False
            if self._ends:
                tag = name.removeprefix(self._namespace)
                self._done.append(Element(f"/{tag}", self.parser.CurrentLineNumber))

    def _text(self, text: str) -> None:
        if self._stack and not self._skip_below:
            element = self._stack[-1]
            most = self._long.get(element.tag)
            if most is not None:
                element.text += text[: most + 1 - len(element.text)]
                return
            if len(element.text) + len(text) > MAX_TEXT:
                raise self._refuse(f"holds a value of more than {MAX_TEXT:,} characters")
            element.text += text
