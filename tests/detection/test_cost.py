"""The table of costs: what is compared with what."""

from io import StringIO

from rich.console import Console

from tests.detection import report
from tests.detection.cost import Cost

COST = Cost(
    questions_a_minute=19.0,
    billed_a_minute=2.0,
    judging=5.0,
    judging_weighted=20.0,
    judging_fight=45.0,
    bare_loop=8.0,
    querier=18.0,
    whole_path=45.0,
)


def test_asking_is_the_whole_path_without_its_judging() -> None:
    assert COST.asking == 40.0


def test_every_kind_of_record_is_held_against_asking() -> None:
    page = StringIO()
    Console(width=160, file=page).print(report.cost_table(COST))
    lines = page.getvalue().splitlines()
    judged = {kind: next(line for line in lines if kind in line) for kind in ("calm record", "weighted", "fight")}
    assert "0.12" in judged["calm record"]
    assert "0.50" in judged["weighted"]
    assert "1.12 (missed)" in judged["fight"]
    assert not any("missed" in judged[kind] for kind in ("calm record", "weighted"))
