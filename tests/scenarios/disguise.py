"""Other words for those of a recording, drawn anew for each run, so that no verdict can hang on them."""

import random
import re
import string
from collections.abc import Iterable
from dataclasses import replace

from probe.externaldns.endpoint import DnsEndpoint
from probe.externaldns.instance import Flags
from probe.model.name import DomainName, canonical
from probe.model.side import Side
from probe.route53.records import AliasTarget, ResourceRecordSet

RECORDED_ZONE = "example.com"


def _word_of(host: DomainName) -> str:
    """Give the last word of a host's first label: `web` of `a-web.example.com`; nothing of an apex or a wildcard."""
    label = host.removesuffix(f"{RECORDED_ZONE}.").partition(".")[0]
    return label.rpartition("-")[2].removeprefix("*")


class Disguise:
    """Other words for the recording's: hosts, owners, load balancers."""

    def __init__(self, rng: random.Random, hosts: Iterable[DomainName]) -> None:
        self._rng = rng
        self._hosts: dict[str, str] = {}
        for word in filter(None, map(_word_of, hosts)):
            while word not in self._hosts:
                other = self.word(len(word))
                if other not in self._hosts.values():
                    self._hosts[word] = other
        self.zone = canonical(f"{self.word()}.example")
        self._words: dict[str, str] = {}
        self.balancers = {side: canonical(f"k8s-{self.word()}-{side}.eu-west-1.elb.amazonaws.com") for side in Side}

    def word(self, length: int = 7) -> str:
        return "".join(self._rng.choices(string.ascii_lowercase, k=length))

    def owner(self, recorded: str) -> str:
        return self._words.setdefault(recorded, f"{self.word(5)}-{recorded}") if recorded else ""

    def name(self, recorded: str) -> DomainName:
        """Keep the form of a name (its type prefixes, its length), with another host under another zone."""
        host = recorded.removesuffix(f"{RECORDED_ZONE}.")
        for word, other in self._hosts.items():
            changed = re.sub(rf"(^|[-.]){word}(?=\.)", rf"\g<1>{other}", host)
            if changed != host:
                return DomainName(changed + self.zone)
        return DomainName(host + self.zone)

    def target(self, recorded: str) -> str:
        if "elb.amazonaws.com" not in recorded:
            return recorded
        return self.balancers[Side.V1 if "v1alb" in recorded else Side.V2].rstrip(".")

    def endpoint(self, endpoint: DnsEndpoint) -> DnsEndpoint:
        return replace(
            endpoint, name=self.name(endpoint.name), targets=tuple(self.target(target) for target in endpoint.targets)
        )

    def flags(self, flags: Flags, interval: float) -> Flags:
        return replace(
            flags,
            txt_owner_id=self.owner(flags.txt_owner_id),
            migrate_from_txt_owner=self.owner(flags.migrate_from_txt_owner),
            interval=interval,
        )

    def record(self, record: ResourceRecordSet) -> ResourceRecordSet:
        alias = record.alias
        if alias is not None:
            alias = AliasTarget(
                alias.hosted_zone_id, canonical(self.target(alias.dns_name)), alias.evaluate_target_health
            )
        values = record.values
        for recorded in ("v1", "v2", "prod"):
            values = tuple(value.replace(f"owner={recorded},", f"owner={self.owner(recorded)},") for value in values)
        return replace(record, name=self.name(record.name), alias=alias, values=values)
