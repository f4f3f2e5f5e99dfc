"""What is advised about resolvers."""

from probe.model.advice import always
from probe.model.first_step import FirstStep

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
