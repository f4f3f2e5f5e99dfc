"""Commands as a terminal shows them."""

from probe.model.first_step import NO_STEP, FirstStep


def test_a_command_stands_behind_a_prompt_and_a_remark_as_it_is() -> None:
    assert FirstStep("Do it.", "# Names assumed: x\nkubectl get x\nsleep 5").lines == (
        "# Names assumed: x",
        "$ kubectl get x",
        "$ sleep 5",
    )
    assert NO_STEP.lines == ()


def test_the_domain_is_named_where_the_command_asks_for_it_and_nowhere_else() -> None:
    step = FirstStep("Ask DOMAIN.", "dig @SERVER a-DOMAIN TXT\ndig DOMAIN NXDOMAIN")
    assert step.about("'*.example.com'") == FirstStep(
        "Ask DOMAIN.", "dig @SERVER a-'*.example.com' TXT\ndig '*.example.com' NXDOMAIN"
    )
