"""Flags in every form in which Kubernetes hands them to a container."""

from probe.inventory.wanted.command_line import CommandLine, read_command_line
from tests.inventory.manifests import objects_of


def line_of(args: list[str], env: list[dict[str, object]] | None = None) -> CommandLine:
    objects = objects_of(
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "a"},
            "spec": {"template": {"spec": {"containers": [{"args": args, "env": env or []}]}}},
        }
    )
    one = next(objects.of("Deployment"))
    (container,) = one.root["spec"]["template"]["spec"]["containers"]
    return read_command_line(one, container)


def texts(line: CommandLine, flag: str) -> list[str]:
    return [setting.text for setting in line.every(flag)]


def test_a_value_follows_an_equals_sign_or_stands_in_the_next_word() -> None:
    line = line_of(["--source=ingress", "--source", "service", "--aws-prefer-cname", "--no-events", "--policy", "sync"])
    assert texts(line, "source") == ["ingress", "service"]
    assert line.is_on("aws-prefer-cname")
    assert not line.is_on("events", default=True)
    assert texts(line, "policy") == ["sync"]


def test_variables_are_put_in_and_are_flags_of_their_own() -> None:
    env: list[dict[str, object]] = [
        {"name": "OWNER", "value": "eks"},
        {"name": "EXTERNAL_DNS_SOURCE", "value": "ingress\nservice"},
        {"name": "EXTERNAL_DNS_POLICY", "value": "sync"},
    ]
    line = line_of(["--txt-owner-id=$(OWNER)-v1", "--policy=upsert-only"], env)
    assert texts(line, "txt-owner-id") == ["eks-v1"]
    assert texts(line, "source") == ["ingress", "service"]
    assert texts(line, "policy") == ["upsert-only"]


def test_a_secret_s_value_is_known_to_be_there_and_no_more() -> None:
    secret = {"secretKeyRef": {"name": "x", "key": "y"}}
    line = line_of(["--txt-owner-id=$(OWNER)"], [{"name": "OWNER", "valueFrom": secret}])
    (setting,) = line.every("txt-owner-id")
    assert not setting.told
