"""A stream of YAML documents to nodes: each document by itself, so that a broken one costs no other.

Documents end at `---` in the first column, also inside an open quote or block (YAML 1.2 section 9.1.2): the text is cut
there before anything is parsed. What is made of events needs no recursion and no aliases spelled out, so that neither
depth nor "billion laughs" cost more than what stands in the file.
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import yaml

from probe.config.mistakes import quoted
from probe.inventory.origin import Notice, Origin
from probe.inventory.reading.node import MAX_DEPTH, Budget, Node

_DOCUMENT_MARKER = re.compile(r"^(?:---|\.\.\.)(?=[ \t]|$)[^\n]*\n?", re.MULTILINE)
_KIND = re.compile(r"""^["']?kind["']?:[ \t]*["']?(\w+)["']?[ \t\r]*(?:#.*)?$""", re.MULTILINE)
_PAIR = re.compile(r"\\u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})", re.IGNORECASE)  # JSON's; YAML has none
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_TEMPLATE = "{{"
_SLOW = 512 * 1024
"""Characters of a document of which PyYAML's own parser is asked for its better words, at 40 µs a line: some seconds at
most. No case hangs on it by a factor: of a larger one the same place is told, in libyaml's words."""

_LOADER: Any = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader


class DocumentText(NamedTuple):
    """The text of one document.

    Attributes:
        line: Of its first line in the file, counted from 1.
        text: What stands between two separators.
        kind: What its `kind:` in the first column says, before anything is parsed; empty where there is none.
    """

    line: int
    text: str
    kind: str


def split(text: str) -> Iterator[DocumentText]:
    """Cut a stream into its documents; what holds nothing but comments and white space is passed over."""
    start = 0
    line = 1
    for end, after in [*((one.start(), one.end()) for one in _DOCUMENT_MARKER.finditer(text)), (len(text), len(text))]:
        part = text[start:end]
        if any(row.strip() and not row.lstrip().startswith("#") for row in part.splitlines()):
            kind = _KIND.search(part)
            yield DocumentText(line, part, kind[1] if kind else "")
        line += part.count("\n") + text.count("\n", end, after)
        start = after


class UnreadableDocument(Exception):  # noqa: N818  it is a verdict on one document; the stream goes on
    """One document that cannot be read: the notice says where and why.

    Attributes:
        notice: What is told of it.
        is_template: It is a template that is not rendered.
    """

    def __init__(self, notice: Notice, *, is_template: bool = False) -> None:
        super().__init__(str(notice))
        self.notice = notice
        self.is_template = is_template


def build(document: DocumentText, file: str, budget: Budget, notices: list[Notice]) -> Node:
    """Make the node of a document.

    Args:
        document: Its text.
        file: Named in notices.
        budget: What may still be read.
        notices: Gets what is odd without keeping the document from being read.

    Raises:
        UnreadableDocument: It is no YAML, or beyond the bounds.
    """
    if document.text.lstrip().startswith("{"):  # JSON may be indented with tabs, and has none in its strings
        document = document._replace(text=_PAIR.sub(_character, document.text.replace("\t", " ")))
    try:
        return _NodeBuilder(document, file, budget, notices).run(_LOADER)
    except yaml.reader.ReaderError as error:
        line = document.line + document.text.count("\n", 0, max(error.position, 0))
        raise _unreadable(document, file, line, "it has a character that is not allowed in YAML") from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = document.line + (mark.line if mark is not None else 0)
        raise _unreadable(document, file, line, f"it is not YAML: {_problem(error, document)}") from error
    except (ValueError, OverflowError, UnicodeError) as error:  # an escape such as "\UFFFFFFFF"
        raise _unreadable(document, file, document.line, "an escape (`\\U…`) in it names no character") from error


def _character(pair: re.Match[str]) -> str:
    return bytes.fromhex(pair[1] + pair[2]).decode("utf-16-be")


def _problem(error: yaml.MarkedYAMLError, document: DocumentText) -> str:
    if len(document.text) <= _SLOW and _LOADER is not yaml.SafeLoader:
        try:  # PyYAML's own parser has the better words
            for _ in yaml.parse(document.text, Loader=yaml.SafeLoader):
                pass
        except yaml.MarkedYAMLError as again:
            return quoted(again.problem or error.problem or "")[1:-1]
        except (yaml.YAMLError, ValueError, OverflowError):
            pass
    return quoted(error.problem or "it cannot be parsed")[1:-1]


def _unreadable(document: DocumentText, file: str, line: int, why: str) -> UnreadableDocument:
    if _TEMPLATE in document.text:
        return UnreadableDocument(
            Notice(
                Origin(file, line),
                "this template is not rendered, and it was skipped; render it (`helm template`, "
                "`kustomize build`) or read the cluster's own objects (`kubectl get … -o yaml`)",
                is_gap=True,
            ),
            is_template=True,
        )
    what = f"this {quoted(document.kind)}" if document.kind else "this document"
    return UnreadableDocument(
        Notice(
            Origin(file, line),
            f"{what} cannot be read and was skipped: {why}; correct it, or it stays unseen",
            is_gap=True,
        )
    )


class _Frame:
    """A collection that is being read: its node, its anchor, and the key that waits for its value."""

    __slots__ = ("anchor", "key", "merges", "node", "waiting")

    def __init__(self, node: Node, anchor: str | None) -> None:
        self.node = node
        self.anchor = anchor
        self.key = ""
        self.waiting = False
        self.merges: list[Node] = []


class _NodeBuilder:
    """Turns the events of one document into nodes."""

    def __init__(self, document: DocumentText, file: str, budget: Budget, notices: list[Notice]) -> None:
        self._document = document
        self._file = file
        self._budget = budget
        self._notices = notices
        self._anchors: dict[str, Node] = {}
        self._frames: list[_Frame] = []
        self._root = Node(None, document.line)

    def run(self, loader: Any) -> Node:
        for event in yaml.parse(self._document.text, Loader=loader):
            line = self._document.line + (event.start_mark.line if event.start_mark is not None else 0)
            if isinstance(event, yaml.ScalarEvent):
                self._finish(self._scalar(event, line), event.anchor)
            elif isinstance(event, yaml.MappingStartEvent):
                self._open(Node({}, line), event.anchor)
            elif isinstance(event, yaml.SequenceStartEvent):
                self._open(Node([], line), event.anchor)
            elif isinstance(event, yaml.CollectionEndEvent):
                frame = self._frames.pop()
                self._merge(frame)
                self._finish(frame.node, frame.anchor)
            elif isinstance(event, yaml.AliasEvent):
                # An alias inside its own anchor is not known yet: nothing leads back into itself.
                self._finish(self._alias(event.anchor or "", line), None)
        return self._root

    def _scalar(self, event: yaml.ScalarEvent, line: int) -> Node:
        text = str(event.value)
        if not text.isascii():  # PyYAML's own parser lets a lone surrogate through
            text = text.encode("utf-8", "replace").decode("utf-8")
        is_null = event.implicit[0] and not event.style and text in _NULLS
        return Node(None if is_null else text, line)

    def _open(self, node: Node, anchor: str | None) -> None:
        if len(self._frames) >= MAX_DEPTH:
            raise self._beyond(node.line, f"its values are nested more than {MAX_DEPTH} levels deep")
        self._frames.append(_Frame(node, anchor))

    def _alias(self, anchor: str, line: int) -> Node:
        found = self._anchors.get(anchor)
        if found is None:
            raise self._beyond(line, f"the alias {quoted('*' + anchor)} has no anchor before it")
        return found

    def _finish(self, node: Node, anchor: str | None) -> None:
        if not self._budget.spend():
            raise self._beyond(node.line, f"more than {self._budget.values:,} values were read already")
        if anchor is not None:
            self._anchors[anchor] = node
        if not self._frames:
            self._root = node
            return
        frame = self._frames[-1]
        into = frame.node.value
        if isinstance(into, list):
            into.append(node)
        elif isinstance(into, dict):
            if not frame.waiting:
                if isinstance(node.value, dict | list):  # what `{{ … }}` of a template is to YAML
                    raise self._beyond(node.line, "a key in it is not text")
                frame.key = node.value or ""
                frame.waiting = True
                return
            frame.waiting = False
            if frame.key == "<<":
                frame.merges += node if isinstance(node.value, list) else (node,)
                return
            if frame.key in into:
                self._notices.append(
                    Notice(
                        Origin(self._file, node.line),
                        f"the key {quoted(frame.key)} stands here for the second time (first on line "
                        f"{into[frame.key].line}), and the later one was read; keep one",
                    )
                )
            into[frame.key] = node

    def _merge(self, frame: _Frame) -> None:
        into = frame.node.value
        if not isinstance(into, dict):
            return
        for merged in frame.merges:  # the earlier wins, and what is written out wins over both
            if not self._budget.spend(len(merged.entries)):
                raise self._beyond(frame.node.line, f"more than {self._budget.values:,} values were read already")
            for key, node in merged.entries.items():
                into.setdefault(key, node)

    def _beyond(self, line: int, why: str) -> UnreadableDocument:
        return _unreadable(self._document, self._file, line, why)
