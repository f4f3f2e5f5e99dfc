"""The metrics of each domain: name, kind, labels and what they say. `docs/metrics.md` is held to this.

A state set is a gauge per state, with the state in a label of its own name (`state`, `expectation`), as
kube-state-metrics has it: OpenMetrics' own `stateset` type would force the label to be named like the metric. Unlike
there, a state that does not hold has a series, 0, only for some time after it did.
"""

from probe.telemetry.family import Family, MetricType

DOMAIN_STATE = Family(
    "cutover_domain_state",
    MetricType.GAUGE,
    ("domain", "wave", "state"),
    "The verdict on a domain over all its records: 1 for the state it is in, 0 for a while for one that it has left.",
)
RECORD_STATE = Family(
    "cutover_record_state",
    MetricType.GAUGE,
    ("domain", "record_type", "state"),
    "The verdict on one record (A and AAAA are judged apart): 1 for the state it is in, 0 for a while for one that it "
    "has left.",
)
DOMAIN_EXPECTATION = Family(
    "cutover_domain_expectation",
    MetricType.GAUGE,
    ("domain", "wave", "expectation"),
    "What the plan expects of a domain at present: 1 for the expectation in force, 0 for a while for the one before.",
)
ANSWERS = Family(
    "cutover_answers_total",
    MetricType.COUNTER,
    ("domain", "record_type", "answer_class"),
    "Answers of authoritative servers by what they say about the record. Class failed is no evidence about it. No "
    "series for a class before its first answer.",
)
TRANSITIONS = Family(
    "cutover_transitions_total",
    MetricType.COUNTER,
    ("domain", "record_type"),
    "Confirmed changes of a record from one side, or from absence, to another.",
)
REVERSALS = Family(
    "cutover_reversals_total",
    MetricType.COUNTER,
    ("domain", "record_type"),
    "Confirmed changes that undid the change before them. More than one or two are a flip-flop. No series before the "
    "first change.",
)
LAST_TRANSITION = Family(
    "cutover_last_transition_timestamp_seconds",
    MetricType.GAUGE,
    ("domain", "record_type"),
    "When the record last changed, in Unix time. No series before the first change.",
)
FINDING = Family(
    "cutover_finding",
    MetricType.GAUGE,
    ("domain", "wave", "code", "severity"),
    "1 while a finding of this code is open for the domain, under the severity that it has there; 0 for a while after "
    "it has ended. cutover_open_findings has every code.",
)
FINDING_ADVICE = Family(
    "cutover_finding_advice",
    MetricType.GAUGE,
    ("domain", "code", "advice"),
    "Of an open finding whose code advises one of several things: 1 for what is advised at present, 0 for a while for "
    "what was before.",
)
FLIP_PERIOD = Family(
    "cutover_flip_period_seconds",
    MetricType.GAUGE,
    ("domain",),
    "While a domain flaps with a beat: seconds from a change to the next one of the same kind. No series otherwise.",
)
V2_SHARE = Family(
    "cutover_v2_share_ratio",
    MetricType.GAUGE,
    ("domain", "record_type"),
    "Of a record that is split by weighted routing: the share of answers that lead to v2 since it last changed, 0 to "
    "1.",
)
V2_SHARE_LOWER = Family(
    "cutover_v2_share_ratio_lower",
    MetricType.GAUGE,
    ("domain", "record_type"),
    "The least share of v2 that the answers leave possible, at whatever time it is read (error 1 in 10,000).",
)
V2_SHARE_UPPER = Family(
    "cutover_v2_share_ratio_upper",
    MetricType.GAUGE,
    ("domain", "record_type"),
    "The largest share of v2 that the answers leave possible, at whatever time it is read (error 1 in 10,000).",
)
DOMAIN_CONFIRMED = Family(
    "cutover_domain_confirmed",
    MetricType.GAUGE,
    ("domain", "wave"),
    "1 once the domain has held every criterion of a confirmation for the plan's soak, 0 before and after a break.",
)
TXT_OWNER = Family(
    "cutover_txt_owner_info",
    MetricType.INFO,
    ("domain", "txt_name", "txt_owner"),
    "The ExternalDNS owner in an ownership TXT. Owners beyond a bound have the label other.",
)
RESOLVER_ANSWER = Family(
    "cutover_resolver_answer",
    MetricType.GAUGE,
    ("domain", "resolver", "record_type", "answer_class"),
    "What a resolver answers: 1 for what any of its addresses says, 0 for a while for what none says any more. Class "
    "failed is 1 while one is silent.",
)
RESOLVERS_CONVERGED = Family(
    "cutover_resolvers_converged_ratio",
    MetricType.GAUGE,
    ("domain",),
    "Of the resolvers that answer, how many say what the authoritative servers say and hold nothing else: 0 to 1.",
)
DRAIN_DEADLINE = Family(
    "cutover_drain_deadline_timestamp_seconds",
    MetricType.GAUGE,
    ("domain",),
    "From when on no cache that obeys TTLs leads to v1, in Unix time. No series while v1 is answered.",
)
TTL = Family(
    "cutover_ttl_seconds",
    MetricType.GAUGE,
    ("domain",),
    "The longest TTL with which an authoritative server last answered for A or AAAA. No series behind caches.",
)
HTTP_UP = Family(
    "cutover_http_up",
    MetricType.GAUGE,
    ("domain", "side"),
    "1 while the domain's HTTPS works on this side, 0 while it fails by repetition. No series while that is not known.",
)
HTTP_DURATION = Family(
    "cutover_http_duration_seconds",
    MetricType.GAUGE,
    ("domain", "side"),
    "How long the newest HTTPS check of the domain on this side took, from connecting to the head of the response.",
)
CERTIFICATE_EXPIRY = Family(
    "cutover_certificate_expiry_timestamp_seconds",
    MetricType.GAUGE,
    ("domain", "side"),
    "When the first of the certificates that this side shows for the domain ends, in Unix time.",
)
V1_REMOVABLE = Family(
    "cutover_v1_removable",
    MetricType.GAUGE,
    ("domain", "wave"),
    "1 while all that can be seen allows to delete v1's Ingress of the domain, else 0. Only where v2 is expected.",
)

DOMAIN_FAMILIES = (
    DOMAIN_STATE,
    RECORD_STATE,
    DOMAIN_EXPECTATION,
    ANSWERS,
    TRANSITIONS,
    REVERSALS,
    LAST_TRANSITION,
    FINDING,
    FINDING_ADVICE,
    FLIP_PERIOD,
    V2_SHARE,
    V2_SHARE_LOWER,
    V2_SHARE_UPPER,
    DOMAIN_CONFIRMED,
    TXT_OWNER,
    RESOLVER_ANSWER,
    RESOLVERS_CONVERGED,
    DRAIN_DEADLINE,
    TTL,
    HTTP_UP,
    HTTP_DURATION,
    CERTIFICATE_EXPIRY,
    V1_REMOVABLE,
)
"""Many series, rendered by `probe.telemetry.domains`."""
