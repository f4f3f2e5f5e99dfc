"""The plan file's `external_dns` and `txt_registry`: what runs in each cluster, by the flags that it runs with."""

from typing import Annotated, Any, Literal, cast

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from probe.config.ranges import Seconds
from probe.config.schema_part import SchemaPart
from probe.config.types import (
    AffixText,
    AnnotationPrefixText,
    ContextText,
    FileText,
    FilterText,
    Label,
    NamespaceText,
    OwnerText,
    VersionText,
    WildcardReplacementText,
    WorkloadText,
    ZoneIdText,
)
from probe.model.external_dns import ExternalDns

_EXTERNAL_DNS = ExternalDns()

SYNC = Seconds(1, 86400, "ExternalDNS looks at its clock once a second", "a day without a sync is no sync")

MAX_INSTANCES = 16
"""Of one side: each with flags of its own makes up to four TXT names more to ask for every domain that it sees."""

MAX_FILTERS = 256
"""Names of one filter: each is compared with every domain when a plan is loaded."""


class TxtRegistryFile(SchemaPart):
    """Flags of ExternalDNS' TXT registry, of the whole plan or of one ExternalDNS. They give the TXT names."""

    prefix: AffixText = Field(
        default="", description="`--txt-prefix`; not together with `suffix`.", examples=["%{record_type}-"]
    )
    suffix: AffixText = Field(default="", description="`--txt-suffix`; not together with `prefix`.", examples=["-xdns"])
    wildcard_replacement: WildcardReplacementText = Field(
        default="", description="`--txt-wildcard-replacement`: what stands for `*` in TXT names.", examples=["any"]
    )
    decryption_key_file: FileText | None = Field(
        default=None,
        description="A file with the key of `--txt-encrypt-aes-key`: 32 bytes, or the standard base64 of them. A "
        "relative path starts at the plan's folder. It opens encrypted owners, needs the extra "
        "`encryption`, and is read again with the plan.",
        examples=["txt-key"],
    )


class ExternalDnsFile(SchemaPart):
    """How one ExternalDNS is set up: its flags tell which records are its own, and what it does with them."""

    name: Label | None = Field(
        default=None,
        description="What people call it; needed where a side has several.",
        examples=["private"],
    )
    txt_owner_id: OwnerText = Field(
        default=_EXTERNAL_DNS.txt_owner_id,
        description="`--txt-owner-id`; the default is ExternalDNS' own.",
        examples=["v2"],
    )
    migrate_from_txt_owner: OwnerText | None = Field(
        default=None,
        description="`--migrate-from-txt-owner`, if set: the owner whose records it takes over (v0.20.0 and later). "
        "With `policy: sync` it deletes those of them that it does not want.",
        examples=["default"],
    )
    version: VersionText | None = Field(
        default=None,
        description="The version that runs; it decides which TXT names it writes and reads. Unknown when left out.",
        examples=["v0.22.0"],
    )
    interval: Annotated[float, SYNC] = SYNC.field(
        _EXTERNAL_DNS.interval,
        "`--interval` between two syncs; the default is ExternalDNS' own.",
    )
    policy: Literal["sync", "upsert-only", "create-only"] | None = Field(
        default=None,
        description="`--policy`. When left out it is taken for `sync` until v0.21, as ExternalDNS does, and for "
        "unknown from v0.22 on, which has no default.",
        examples=["upsert-only"],
    )
    registry: Literal["txt", "dynamodb", "noop", "aws-sd"] = Field(
        default=_EXTERNAL_DNS.registry.value,
        description="`--registry`: where it keeps which records are its own. With `dynamodb` or `aws-sd` that is not "
        "visible in DNS, and nothing is said about it; `noop` keeps none, and takes every record for its own.",
    )
    txt_registry: TxtRegistryFile | None = Field(
        default=None, description="In place of the plan's `txt_registry`, as a whole; only with `registry: txt`."
    )
    domain_filter: list[FilterText] = Field(
        default=[],
        max_length=MAX_FILTERS,
        description="`--domain-filter`: it sees these names and what is below them; every name when left out. As "
        "ExternalDNS has it, one that begins with a dot (`.example.com`) means what is below it alone, and the hosted "
        "zone of that name is not entered.",
        examples=[["example.com"]],
    )
    exclude_domains: list[FilterText] = Field(
        default=[],
        max_length=MAX_FILTERS,
        description="`--exclude-domains`: it sees neither these names nor what is below them; of one that begins with "
        "a dot, it sees nothing that is below it.",
        examples=[["internal.example.com"]],
    )
    zone_match_parent: bool | None = Field(
        default=None,
        description="`--aws-zone-match-parent` (v0.14.1 or later): whether it enters hosted zones above the names of "
        "its `domain_filter`. Without that flag a filter narrower than its hosted zone keeps it out of that zone. When "
        "left out both are rehearsed.",
        examples=[True],
    )
    zone_id_filter: list[ZoneIdText] = Field(
        default=[],
        max_length=MAX_FILTERS,
        description="`--zone-id-filter`: the hosted zones that it writes into. DNS shows no ids: it keeps nothing "
        "out but in `rehearse --zone route53:`, which knows them.",
        examples=[["Z0123456789ABCDEFGHIJ"]],
    )
    annotation_prefix: AnnotationPrefixText | None = Field(
        default=None,
        description="`--annotation-prefix`: what its annotations begin with. When left out it is the version's own: "
        "`external-dns.alpha.kubernetes.io/` until v0.21, `external-dns.kubernetes.io/` from v0.22 on, without "
        "fallback.",
        examples=["external-dns.alpha.kubernetes.io/"],
    )
    managed_record_types: list[Literal["A", "AAAA", "CNAME"]] = Field(
        default=["A", "AAAA", "CNAME"],
        min_length=1,
        max_length=len(_EXTERNAL_DNS.managed_record_types),
        description="`--managed-record-types`, as far as a host is led somewhere by it: it neither writes nor deletes "
        "any other type.",
        examples=[["A", "CNAME"]],
    )
    prefer_cname: bool | None = Field(
        default=None,
        description="`--aws-prefer-cname`: whether it writes CNAME records for load balancers, and no aliases. When "
        "left out it is taken to write what stands.",
        examples=[True],
    )
    context: ContextText | None = Field(
        default=None,
        description="The context of the kubeconfig in which it is reached. It stands in the commands that findings "
        "advise; when left out these take the side's name, and say that it is assumed. Likewise the two below.",
        examples=["eks-v2"],
    )
    namespace: NamespaceText | None = Field(
        default=None,
        description="The namespace in which it runs; `external-dns` is assumed when left out.",
        examples=["platform"],
    )
    workload: WorkloadText | None = Field(
        default=None,
        description="The object that runs it, as kubectl names it; `deployment/external-dns` is assumed when left out.",
        examples=["deployment/external-dns-public"],
    )


ONE, SEVERAL = "[one]", "[several]"
"""Steps that pydantic puts into the location of a mistake; no key can be written so."""


class OneOrSeveral:
    """Takes a mapping for the one ExternalDNS of a side, and a list for several."""

    @staticmethod
    def _form(value: Any) -> str:
        return SEVERAL if isinstance(value, list | tuple) else ONE

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        del source
        one = handler.generate_schema(ExternalDnsFile)
        several = core_schema.list_schema(one, min_length=1, max_length=MAX_INSTANCES, strict=True)
        return core_schema.tagged_union_schema({ONE: one, SEVERAL: several}, discriminator=self._form)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        choices = cast("dict[str, CoreSchema]", schema["choices"])
        return {"anyOf": [handler(choices[ONE]), handler(choices[SEVERAL])]}
