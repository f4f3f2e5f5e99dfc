"""Every sentence that a module of the judge words, as it stands in the source: values are `{…}`."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import probe

ROOT = Path(probe.__file__).parent

CHECKS = (
    "judge/acceptance",
    "judge/preflight",
    "judge/rehearsal/verdict.py",
    "judge/rehearsal/remedies.py",
    "judge/advice/measures.py",
    "judge/domain_text.py",
    "judge/share/share_text.py",
    "judge/explain.py",
    "judge/record/rules.py",
)
"""Where the sentences of checks, criteria, preconditions and verdicts are worded."""

_WORDS = re.compile(r"[A-Za-z]{2,}[ ,].*[A-Za-z]{2,}")


def templates(*places: str) -> Iterator[tuple[str, list[str]]]:
    """Give each module with the texts of its literals that are words, in their order, each once."""
    for place in places:
        path = ROOT / place
        for module in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            found = list(dict.fromkeys(_texts(ast.parse(module.read_text(encoding="utf-8")))))
            if found:
                yield str(module.relative_to(ROOT)), found


def _texts(tree: ast.Module) -> Iterator[str]:
    skipped: set[int] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Expr(value=ast.Constant()):
                skipped.add(id(node.value))  # a docstring
            case ast.JoinedStr(values=values):
                skipped |= {id(part) for part in values}
    literals = [node for node in ast.walk(tree) if isinstance(node, ast.Constant | ast.JoinedStr)]
    for node in sorted(literals, key=lambda one: (one.lineno, one.col_offset)):
        text = _text(node) if id(node) not in skipped else ""
        if _WORDS.search(text):
            yield text


def _text(node: ast.Constant | ast.JoinedStr) -> str:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    return "".join(str(part.value) if isinstance(part, ast.Constant) else "{…}" for part in node.values)
