"""What a daemon answers about a wave, `/api/v1/waves/NAME`, as far as `gate` asks for it.

Read by hand: a hook asks every few seconds, and a library of schemas takes longer to load than the daemon to answer.
"""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple, TypeVar

from probe.model.check import CheckOutcome

T = TypeVar("T")

_BY_STANDING = {outcome.standing: outcome for outcome in (CheckOutcome.PASS, CheckOutcome.FAIL, CheckOutcome.UNKNOWN)}


class GateAnswer(NamedTuple):
    """The wave itself.

    Attributes:
        confirmed: Every domain has held every criterion for the plan's `soak`.
        outcome: All criteria of all domains together.
        sentence: Why it stands so.
        held: Seconds for which it was seen to hold.
        blind: The daemon reaches no server at present.
        plan_digest: Of the plan that it goes by.
        facts: The whole answer.
    """

    confirmed: bool
    outcome: CheckOutcome
    sentence: str
    held: float
    blind: bool
    plan_digest: str
    facts: dict[str, Any]


def gate_answer(content: bytes) -> GateAnswer:
    """Read an answer.

    Raises:
        ValueError: It is none of this version's daemon.
    """
    facts = _object(content)
    standing = _member(facts, "standing", str)
    if standing not in _BY_STANDING:
        raise ValueError("its standing is none of this version's")
    held = facts.get("held")
    if isinstance(held, bool) or not isinstance(held, int | float):
        raise ValueError("it has no `held`")  # noqa: TRY004  # what is wrong is the answer, not a call
    return GateAnswer(
        _member(facts, "confirmed", bool),
        _BY_STANDING[standing],
        _member(facts, "sentence", str),
        held,
        _member(facts, "blind", bool),
        _member(facts, "plan_digest", str),
        facts,
    )


def problem_detail(content: bytes) -> str:
    """Read why a request was not answered (RFC 9457): the sentence in it.

    Raises:
        ValueError: It is no such problem.
    """
    return _member(_object(content), "detail", str)


def told_digest(content: bytes) -> str:
    """Read by which plan a daemon goes, from its `/api/v1/status`.

    Raises:
        ValueError: It is no status of a daemon.
    """
    return _member(_object(content), "plan_digest", str)


def _object(content: bytes) -> dict[str, Any]:
    try:
        document = json.loads(content)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    if not isinstance(document, dict):
        raise ValueError("it is no object")  # noqa: TRY004  # what is wrong is the answer, not a call
    return document


def _member(document: Mapping[str, Any], name: str, kind: type[T]) -> T:
    value = document.get(name)
    if not isinstance(value, kind):
        raise ValueError(f"it has no `{name}`")  # noqa: TRY004  # what is wrong is the answer, not a call
    return value
