"""Objects out of documents: lists, groups of the same kind, what comes twice, and what is named and not read."""

from probe.inventory.reading.node import Budget, node_of
from probe.inventory.reading.objects import Objects, read_objects, take_object

MAX_OBJECTS, LIST_DEPTH = 200_000, 4
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""


def read(text: str) -> Objects:
    return read_objects([("a.yaml", text)])


def told(text: str) -> list[str]:
    return [str(notice) for notice in read(text).notices]


SERVICE = "{apiVersion: v1, kind: Service, metadata: {name: NAME}}"


def test_lists_are_taken_apart_also_lists_of_lists() -> None:
    inner = f"{{kind: ServiceList, apiVersion: v1, items: [{SERVICE.replace('NAME', 'b')}]}}"
    found = read(f"kind: List\napiVersion: v1\nitems:\n- {SERVICE.replace('NAME', 'a')}\n- {inner}\n").found
    assert list(found) == [("Service", "default", "a"), ("Service", "default", "b")]


def test_a_list_of_lists_of_lists_has_an_end() -> None:
    text = SERVICE.replace("NAME", "a")
    for _ in range(LIST_DEPTH):
        text = f"{{kind: List, apiVersion: v1, items: [{text}]}}"
    assert (len(read(text).found), told(text)) == (1, [])
    text = f"{{kind: List, apiVersion: v1, items: [{text}]}}"
    assert told(text) == ["a.yaml:1: a List stands in a List of Lists here, and it was skipped"]


def test_other_groups_have_services_and_gateways_too() -> None:
    assert not read("apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: a}\n").found
    assert not read("apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: a}\n").found


def test_an_object_that_comes_twice_is_what_it_is_the_second_time() -> None:
    text = "apiVersion: v1\nkind: Service\nmetadata: {name: a, labels: {n: 'N'}}\n"
    found = read(text.replace("N", "1") + "---\n" + text.replace("N", "2"))
    assert [one.labels for one in found.of("Service")] == [{"n": "2"}]
    assert [str(one) for one in found.notices] == [
        "a.yaml:5: Service `default/a` stands here once more (first at a.yaml:1), and this one was read"
    ]


def test_a_kind_that_is_not_read_is_named_where_it_has_hosts() -> None:
    text = (
        "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata:\n  name: a\n"
        "  annotations: {external-dns.alpha.kubernetes.io/hostname: a.example.com}\n"
    )
    assert told(text) == [
        "a.yaml:5: this `VirtualService` has ExternalDNS' annotations, and its kind is not read: list its hosts by hand"
    ]
    in_a_list = "kind: List\napiVersion: v1\nitems:\n- " + text.replace("\n", "\n  ")
    assert "its kind is not read" in told(in_a_list)[0]


def test_what_is_no_object_is_named() -> None:
    assert told("replicaCount: 1\n") == [
        "a.yaml:1: this is not a Kubernetes object (it has no `kind`), and it was skipped"
    ]
    assert told("kind: Ingress\nmetadata: {name: a}\n") == [
        "a.yaml:1: this `Ingress` has no `apiVersion`, and it was skipped"
    ]
    assert told("apiVersion: v1\nkind: Service\n") == [
        "a.yaml:1: this `Service` has no `metadata.name`, and it was skipped"
    ]


def test_a_chart_that_is_not_rendered_is_named_once_a_file() -> None:
    text = "kind: Ingress\nname: {{ .x }}\n---\n{{- if .y }}\nkind: Service\nname: {{ .z }}\n{{- end }}\n"
    assert len(told(text)) == 1


def test_kinds_of_no_matter_are_not_even_parsed() -> None:
    found = read("kind: ConfigMap\ndata: {broken\n---\nkind: ConfigMap\n")
    assert not found.notices
    assert found.passed == {"ConfigMap": 2}


def test_objects_are_bounded_and_one_that_comes_again_is_none_more() -> None:
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a"}}
    objects = Objects()
    take_object(objects, node_of(service, Budget()), "a.yaml")
    (known,) = objects.found.values()
    objects.found |= {("Service", "default", str(number)): known for number in range(MAX_OBJECTS - 2)}
    for name in ("last", "beyond", "last"):
        take_object(objects, node_of(service | {"metadata": {"name": name}}, Budget()), "a.yaml")
    assert [str(notice) for notice in objects.notices] == [
        "a.yaml: more than 200,000 objects were read already: skipped",
        "a.yaml: Service `default/last` stands here once more (first at a.yaml), and this one was read",
    ]
    assert len(objects.found) == MAX_OBJECTS


def test_text_of_strangers_cannot_steer_a_terminal() -> None:
    (said,) = told(
        'apiVersion: v1\nkind: "Ser\\evice"\nmetadata: {name: a, annotations: '
        "{external-dns.kubernetes.io/hostname: a}}\n"
    )
    assert "\x1b" not in said
    assert "\\x1bvice" in said
