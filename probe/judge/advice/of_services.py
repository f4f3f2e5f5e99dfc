"""What is advised about what answers beside the zone's own servers: resolvers, and the services themselves."""

from probe.model.advice import Advice, Situation, always
from probe.model.first_step import FirstStep
from probe.model.kubectl import context

OWN_ANSWERS = always(
    FirstStep(
        "Compare its answer with that of one of the zone's own servers.",
        "dig @RESOLVER DOMAIN\ndig +norecurse @SERVER DOMAIN",
    ),
    "Look there for a rule that rewrites or strips answers (a response policy, a filter, protection against "
    "rebinding), for a zone of its own, and for what it forwards to. If the name has another view there, say so in the "
    "plan (`sees`), and if Route 53 chooses by place, declare it (`routing`). Change no record on account of it.",
)
"""What to do about a resolver whose answers are not out of a cache."""


def service_failing(situation: Situation) -> Advice:
    """HTTPS fails."""
    return Advice(
        FirstStep(
            "Compare both sides on the domain's page.", f"kubectl --context {context(situation)} describe ingress -A"
        ),
        "Repair the certificate, the Ingress or the targets where HTTPS fails, or lead the name back to the side that "
        "works.",
    )


def comes_and_goes(_situation: Situation) -> Advice:
    """HTTPS fails now and then."""
    return Advice(
        FirstStep(
            "Look which targets of the load balancer come and go.",
            "aws elbv2 describe-target-health --target-group-arn ARN",
        ),
        "Compare their readiness probe with the load balancer's health check, and look for restarts, for rules or "
        "certificates of which some nodes lack the newest, and for a path from here that loses packets. Lead the name "
        "to a side that works throughout, or wait with the next wave.",
    )
