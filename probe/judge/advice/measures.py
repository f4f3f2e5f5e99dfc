"""What people can do about ownership, each measure in one wording, wherever it is advised.

Findings say it of what has happened (`probe.judge.advice`), preflight and rehearsal of what would, and
decommission of v1's end: who reads two of them reads the same words for the same thing. tests/remedies plays what
findings advise, and a rehearsal plays what it advises before it says it.
"""

UPSERT = "--policy=upsert-only"
"""An ExternalDNS with it deletes nothing."""

_UPSERTING = f"with {UPSERT} (or a --domain-filter for what moves, and --aws-zone-match-parent)"

UNTIL_OFF = "until the last wave has moved and --migrate-from-txt-owner is off v2's"
"""How long v2's ExternalDNS deletes nothing: with the flag, `sync` deletes every record of that owner that v2 has no
object for, also those that are in no plan. It follows what is kept until then."""

UNTIL_THE_LAST = f"{_UPSERTING} {UNTIL_OFF}"
"""The condition under which a take-over is safe; it follows a comma or a flag."""

FLAGS_SINCE_V0_22 = "from v0.22 on with --annotation-prefix set"
"""v0.22 reads annotations of another prefix than v0.21: without the flag it finds no host, and `sync` deletes all."""

V2_UPSERTING = (
    f"Run v2's ExternalDNS {_UPSERTING} until the last wave has moved and it has an owner id of its own, without "
    "--migrate-from-txt-owner"
)
"""Against one that deletes what has not moved, by a take-over or by v1's owner id; without a full stop."""

BOTH_UPSERTING = f"Run both ExternalDNS with {UPSERT}."

OWN_ID = "a --txt-owner-id of its own"

STOP_V1_FIRST = "Stop v1's ExternalDNS before v2 gets its first Ingress of the wave"
"""A move without a take-over; without a full stop."""

WITH_TXT_REGISTRY = "Run v2's ExternalDNS with --registry=txt."
"""Of one that keeps no owners: without them no other one's records are left alone. A sentence."""

END_V1 = "Stop v1's ExternalDNS for good before the Ingress is deleted, or give it --policy=upsert-only"
"""v1's end without harm, whatever it owns; without a full stop."""

V2_WANTS_IT = (
    "see that v2's reads an object for the host (Ingress class, --annotation-prefix): with sync it would delete what "
    "it owns and has no object for"
)
"""What comes before v2's ExternalDNS is made a record's owner; a clause."""

CORRECT_OWNER = "write v2's owner into it, or delete it where v2 has a TXT of its own"
"""What is done with a TXT that names v1's owner of a host on v2, once neither deletes and v2 wants it; a clause."""


def give_back(stop: str = "stop v2's") -> str:
    """Lead a host back to v1 so that nothing is ever absent, once neither deletes anything and v1 has an object for it.

    v2's cluster serves it until nobody is led there. Begins in small letters, and ends in a full stop.

    Args:
        stop: How v2's ExternalDNS is kept from it; a clause.
    """
    return (
        f"{stop}, write v1's owner into every ownership TXT of the host that names v2's, and wait for v1's next sync. "
        "Once caches have let go of v2, remove the host from v2, and only then start v2's again. An AAAA that v1's "
        "version does not write stays on v2: delete it with its TXT."
    )


GIVE_BACK = give_back()
"""The same where v2's is stopped."""

NO_ORPHAN = "Delete the ownership TXT before an ExternalDNS creates the record."

IF_ORPHAN = "Look into the hosted zone: delete the ownership TXT only if no A, AAAA or CNAME stands at the name."
"""Where answers do not tell whether the record stands, as an alias of a load balancer that is gone."""

BY_HAND = "Move the record by hand: A and AAAA in one batch"
"""Where no ExternalDNS moves it; without a full stop."""

KEEP_PREFIX = "Do not change --txt-prefix of an ExternalDNS that owns hosts: it would lose them all."
"""What not to do where a name has no place for its TXT: an apex, or one that is too long. Of the
prefix ExternalDNS' docs/registry/txt.md says: "may not be changed after initial deployment, lest the registry records
be orphaned"."""

SAME_REGISTRY = (
    "Give v2's ExternalDNS the TXT registry flags of v1's before it owns a host, and keep them: under other ones it "
    "finds none of its hosts."
)

PREFER_CNAME = f"Give v2's ExternalDNS --aws-prefer-cname for the move. Or: {BY_HAND}."

GIVE_KEY = "Give the plan the key: `decryption_key_file` under `txt_registry`."

DECLARE_POLICY = "Write its `policy` into the plan."

DECLARE_VERSIONS = (
    "Write `external_dns.version` of both sides into the plan: the version decides which TXT names are read."
)


def take_over(owner: str, *, own_id: bool = False) -> str:
    """Let v2's ExternalDNS take over from an owner, and delete nothing; a sentence.

    Args:
        owner: Whose records.
        own_id: It needs an id of its own first.
    """
    return f"Give v2's ExternalDNS {_taking_over(owner, own_id=own_id)}."


def one_version(version: str, owner: str, *, own_id: bool = False) -> str:
    """Bring both sides to one version, and let v2's take over; a sentence."""
    return f"Run one version on both sides ({version}), and give v2's ExternalDNS {_taking_over(owner, own_id=own_id)}."


def _taking_over(owner: str, *, own_id: bool) -> str:
    own = f"{OWN_ID} and " if own_id else ""
    return f"{own}--migrate-from-txt-owner={owner} (v0.20.0 or later), {UNTIL_THE_LAST}"


def one_way() -> str:
    """End a take-over from both sides; a sentence."""
    return f"Remove --migrate-from-txt-owner from v1's ExternalDNS, and run v2's {UNTIL_THE_LAST}."


def owned_first(owner: str) -> str:
    """Give a record that is nobody's to v1's ExternalDNS, from which v2's takes it over; without a full stop.

    Without an object of v1 for it, v1's ExternalDNS would delete with `sync` what it owns then.
    """
    return (
        f'Where v1 has an object for it, write the ownership TXT that v1\'s ExternalDNS would ("{owner}") beside it '
        "first"
    )


def corrected_first(owner: str) -> str:
    """Give a record whose owner the plan does not know to v1's ExternalDNS; a sentence."""
    return (
        f'Write v1\'s owner ("{owner}") into its ownership TXT first, once no other ExternalDNS acts by that. Or '
        "describe the ExternalDNS that has this owner id in the plan."
    )
