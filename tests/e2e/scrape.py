"""One scrape of /metrics, read by Prometheus' own parser."""

from prometheus_client.parser import text_string_to_metric_families


class Scrape:
    """The series of one moment."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._samples = [
            (sample.name, sample.labels, sample.value)
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        ]

    def series(self, name: str, **labels: str) -> list[tuple[dict[str, str], float]]:
        """Give every series of a metric that has these labels, with its value."""
        return [
            (has, value)
            for series, has, value in self._samples
            if series == name and all(has.get(label) == wanted for label, wanted in labels.items())
        ]

    def total(self, name: str, **labels: str) -> float:
        """Add up every series of a metric that has these labels; there must be one."""
        found = self.series(name, **labels)
        assert found, f"no series of {name} has {labels}"
        return sum(value for _, value in found)

    def set_to(self, name: str, label: str, **labels: str) -> set[str]:
        """Tell for which values of `label` the series are 1."""
        return {has[label] for has, value in self.series(name, **labels) if value == 1}

    def state(self, domain: str) -> str:
        """Tell a domain's verdict; empty while the plan does not have it."""
        return "".join(self.set_to("cutover_domain_state", "state", domain=domain))

    def findings(self, domain: str) -> set[str]:
        """Tell which findings are open for a domain."""
        return self.set_to("cutover_finding", "code", domain=domain)

    def transitions(self, domain: str, rdtype: str = "A") -> int:
        """Tell how many changes of a record were confirmed."""
        return int(self.total("cutover_transitions_total", domain=domain, record_type=rdtype))

    def reversals(self, domain: str, rdtype: str = "A") -> int:
        """Tell how many of them undid the one before; there is no series of them before the first change."""
        return int(sum(value for _, value in self.series("cutover_reversals_total", domain=domain, record_type=rdtype)))

    def resolver(self, domain: str, resolver: str, rdtype: str = "A") -> set[str]:
        """Tell what a resolver answers for a record."""
        return self.set_to(
            "cutover_resolver_answer", "answer_class", domain=domain, resolver=resolver, record_type=rdtype
        )

    def shown(self) -> str:
        """Write what is not zero, for a failing test's message."""
        return "\n".join(
            line
            for line in self.text.splitlines()
            if line.startswith("cutover_") and not line.endswith((" 0", " 0.0")) and "_bucket" not in line
        )
