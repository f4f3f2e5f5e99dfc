"""The story that the demonstration plays: a migration of twelve domains, with what goes right and what goes wrong.

An ExternalDNS has one set of flags for all of its hosts. The clusters of this story therefore run several instances
each, one pair for every mistake, each with a --domain-filter for its hosts and with a beat of its own.
"""

from probe.externaldns.instance import Flags
from probe.externaldns.version import V0_21_0, V0_22_0
from probe.lab.story_stage import InstancePlan, Pair, Scene, Story, StoryStage, StoryWave
from probe.model.external_dns import Policy
from probe.model.plan import Expectation, Weights
from probe.model.side import Side

ZONE = "example.com"
WEIGHTS = Weights(v1=70, v2=30)

STORY_WAVES = (
    StoryWave("internal-tools", Expectation.V2, ("grafana.example.com", "wiki.example.com", "ci.example.com")),
    StoryWave("admin", Expectation.MOVING, ("admin.example.com", "billing.example.com")),
    StoryWave("b2b", Expectation.WEIGHTED, ("partners.example.com",), WEIGHTS),
    StoryWave(
        "front-ends",
        Expectation.MOVING,
        ("shop.example.com", "www.example.com", "account.example.com", "login.example.com"),
    ),
    StoryWave("core-api", Expectation.V1, ("api.example.com", "auth.example.com")),
)

_FLAGS_V1 = Flags(txt_owner_id="v1")
_FLAGS_V2 = Flags(txt_owner_id="v2")
_FLAGS_V2_MIGRATING = Flags(txt_owner_id="v2", migrate_from_txt_owner="v1", policy=Policy.UPSERT_ONLY)
_FLAGS_DEFAULT = Flags()  # nobody set --txt-owner-id
_FLAGS_SHARED = Flags(txt_owner_id="prod")

# Each pair syncs at moments of its own, so that the changes of different domains can be told apart by their times.
PAIRS = (
    Pair(
        "migrating",
        (*STORY_WAVES[0].hosts, "admin.example.com", *STORY_WAVES[4].hosts),
        v1=InstancePlan(_FLAGS_V1, phase=8.0),
        v2=InstancePlan(_FLAGS_V2_MIGRATING, phase=38.0),
    ),
    Pair(
        "own-owners",
        ("partners.example.com", "billing.example.com"),
        v1=InstancePlan(_FLAGS_V1, phase=12.0),
        v2=InstancePlan(_FLAGS_V2, phase=45.0),
    ),
    Pair(
        "same-owner",
        ("shop.example.com",),
        v1=InstancePlan(_FLAGS_DEFAULT, phase=15.0),
        v2=InstancePlan(_FLAGS_DEFAULT, phase=40.0, running=False),
    ),
    Pair(
        "version-mix",
        ("www.example.com",),
        v1=InstancePlan(_FLAGS_V1, phase=20.0, version=V0_21_0),
        v2=InstancePlan(_FLAGS_V2_MIGRATING, phase=50.0, running=False),
    ),
    Pair(
        "disjoint",
        ("account.example.com", "login.example.com"),
        v1=InstancePlan(_FLAGS_SHARED, phase=5.0),
        v2=InstancePlan(_FLAGS_SHARED, phase=30.0, running=False),
    ),
)


def _opening(stage: StoryStage) -> None:
    """Internal tools have moved; the partners' split stands; everything else is on v1."""
    for wave in STORY_WAVES[1:]:
        for host in wave.hosts:
            if wave.weights is None and host != "login.example.com":
                stage.v1.deploy(host)
    for host in STORY_WAVES[0].hosts:
        stage.v2.deploy(host)
    stage.v1.deploy("partners.example.com", weight=WEIGHTS.v1)
    stage.v2.deploy("partners.example.com", weight=WEIGHTS.v2)


def _move_admin(stage: StoryStage) -> None:
    stage.v2.deploy("admin.example.com")


def _begin_fight(stage: StoryStage) -> None:
    stage.v2.deploy("shop.example.com")
    stage.start("same-owner", Side.V2)


def _begin_version_mix(stage: StoryStage) -> None:
    stage.v2.deploy("www.example.com")
    stage.start("version-mix", Side.V2)


def _deploy_billing(stage: StoryStage) -> None:
    stage.v2.deploy("billing.example.com")


def _remove_billing(stage: StoryStage) -> None:
    stage.v1.remove("billing.example.com")


def _begin_disjoint(stage: StoryStage) -> None:
    stage.v2.deploy("login.example.com")
    stage.start("disjoint", Side.V2)


def _stop_fight(stage: StoryStage) -> None:
    stage.stop("same-owner", Side.V1)


def _resume_fight(stage: StoryStage) -> None:
    stage.start("same-owner", Side.V1)


def _upgrade(stage: StoryStage) -> None:
    stage.release("version-mix", Side.V1, V0_22_0)


def _downgrade(stage: StoryStage) -> None:
    stage.release("version-mix", Side.V1, V0_21_0)


SCENES = (
    Scene(
        0.0,
        "The migration is under way",
        "The internal tools have moved to v2, partners.example.com is split 70/30, and the rest is still on v1. "
        "Each cluster runs several ExternalDNS, one for every group of hosts (--domain-filter).",
    ),
    Scene(
        60.0,
        "A clean move",
        "admin.example.com is deployed to v2, whose ExternalDNS has --migrate-from-txt-owner=v1: "
        "target and owner change in one batch, and v1 leaves it alone from then on.",
        _move_admin,
    ),
    Scene(
        150.0,
        "A fight",
        "shop.example.com is deployed to v2 as well, and both clusters run ExternalDNS with owner `default`: "
        "they overwrite shop.example.com every minute, and its TXT record never changes.",
        _begin_fight,
    ),
    Scene(
        330.0,
        "A mix of versions",
        "www.example.com is taken over by v2's ExternalDNS v0.22, but v1 still runs v0.21, which reads another TXT "
        "name: each is sure that it owns the A record. A flips every minute while AAAA stays on v2.",
        _begin_version_mix,
    ),
    Scene(
        480.0,
        "A hand-over that waits",
        "billing.example.com is deployed to v2, which has an owner of its own and does not migrate: "
        "it leaves the record alone as long as v1 owns it, and says so only in its debug log.",
        _deploy_billing,
    ),
    Scene(
        540.0,
        "A hole in the hand-over",
        "v1's Ingress for billing.example.com is deleted: v1 deletes the record at its next sync, v2 creates it at its "
        "own, and in between the name does not exist.",
        _remove_billing,
    ),
    Scene(
        600.0,
        "Hosts that come and go",
        "login.example.com is deployed to v2 only, account.example.com exists on v1 only, and both clusters sync with "
        "owner `prod`: each deletes what the other wants, so that both names exist half of the time.",
        _begin_disjoint,
    ),
)

REFRAIN = (
    Scene(
        0.0,
        "The fight is stopped",
        "v1's ExternalDNS for shop.example.com is scaled to zero: v2 is no longer overwritten.",
        _stop_fight,
    ),
    Scene(
        60.0,
        "The old version is upgraded",
        "v1's ExternalDNS for www.example.com becomes v0.22: it reads v2's TXT and lets go of the A record. "
        "The old cname- TXT stays behind and still names v1.",
        _upgrade,
    ),
    Scene(
        600.0,
        "The fight comes back",
        "Someone scales v1's ExternalDNS for shop.example.com up again: the fight goes on where it stopped.",
        _resume_fight,
    ),
    Scene(
        660.0,
        "The upgrade is rolled back",
        "v1's ExternalDNS for www.example.com is v0.21 again: the A record flips once more.",
        _downgrade,
    ),
)
"""From the end of the scenes for ever: the fights are ended, and after a quiet time they come back."""

MIGRATION = Story(
    zone=ZONE,
    waves=STORY_WAVES,
    pairs=PAIRS,
    opening=_opening,
    scenes=SCENES,
    refrain=REFRAIN,
    refrain_after=840.0,
    refrain_length=1080.0,
)
"""Plays once through its scenes in 14 minutes, then ends its fights and lets them begin again every 18 minutes."""
