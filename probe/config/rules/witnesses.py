"""Rules about witnesses beside DNS: each is told where it is, twice the same is none, and what it needs is there."""

from collections.abc import Iterator
from importlib.util import find_spec

from probe.config.mistakes import Complaint, quoted
from probe.config.rules.part import Part, Rule
from probe.model.side import Side

ROUTE53_LIBRARY = "boto3"
"""What asks Route 53; the distribution's extra `route53` brings it."""


def clusters_are_told_where(plan: Part) -> Iterator[Complaint]:
    """Nothing is guessed: a cluster that is asked by mistake would accuse the wrong one."""
    kubernetes = plan["witnesses"]["kubernetes"]
    if isinstance(kubernetes.value, dict) and not any(kubernetes[side].given for side in Side):
        yield kubernetes.complain(
            "no cluster is named, so that none is asked",
            "write `v1` and `v2`, each with `context` or `in_cluster: true`, or take the key out",
            at_key=True,
        )
    for side in Side:
        one = kubernetes[side]
        if not isinstance(one.value, dict):
            continue
        files = [one[key] for key in ("kubeconfig", "context") if one[key].given]
        if one["in_cluster"].value is True and files:
            yield files[0].complain(
                "`in_cluster: true` asks as the pod's service account, and no kubeconfig is read",
                "keep one of the two",
                at_key=True,
            )
        elif one["in_cluster"].value is not True and not files:
            yield one.complain(
                "this does not say where the cluster is",
                "write `context: NAME`, `kubeconfig: FILE`, or `in_cluster: true`",
                at_key=True,
            )


def clusters_are_two(plan: Part) -> Iterator[Complaint]:
    """One cluster in both places would want everything twice."""
    kubernetes = plan["witnesses"]["kubernetes"]
    places = [
        tuple(kubernetes[side][key].value or None for key in ("in_cluster", "kubeconfig", "context")) for side in Side
    ]
    if any(places[0]) and places[0] == places[1]:
        yield kubernetes[Side.V2].complain(
            f"v1 and v2 are the same cluster here (line {kubernetes[Side.V1].line})",
            "name each side's own context",
            at_key=True,
        )


def kubeconfigs_are_there(plan: Part) -> Iterator[Complaint]:
    """A file that is missing would only show as a witness that never says anything."""
    for side in Side:
        path = plan["witnesses"]["kubernetes"][side]["kubeconfig"]
        if path.text and path.text.isprintable() and not (path.document.folder / path.text).is_file():
            yield path.complain(
                f"there is no file {quoted(path.text)}",
                "correct the path (a relative one starts at the plan's folder), or mount the file",
            )


def zones_are_named_once(plan: Part) -> Iterator[Complaint]:
    """Each is read whole, so that twice is only slower."""
    seen: dict[str, Part] = {}
    for one in plan["witnesses"]["route53"]["zones"].items():
        if one.text is not None and one.text in seen:
            yield one.complain(f"the zone {quoted(one.text)} stands here twice", "keep one of the two")
        seen.setdefault(one.text or "", one)


def route53_can_be_asked(plan: Part) -> Iterator[Complaint]:
    """The library is an extra, which only those need who ask Route 53."""
    route53 = plan["witnesses"]["route53"]
    if route53.given and find_spec(ROUTE53_LIBRARY) is None:
        yield route53.complain(
            f"the library that asks Route 53 ({ROUTE53_LIBRARY}) is not installed",
            "install it (`pip install 'cutover-probe[route53]'`), or take the key out",
            at_key=True,
        )


WITNESS_RULES: tuple[Rule, ...] = (
    clusters_are_told_where,
    clusters_are_two,
    kubeconfigs_are_there,
    zones_are_named_once,
    route53_can_be_asked,
)
