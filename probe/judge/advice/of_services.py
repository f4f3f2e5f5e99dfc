"""What is advised about the services behind the names."""

from probe.model.advice import Advice, Situation
from probe.model.first_step import FirstStep
from probe.model.kubectl import context


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
