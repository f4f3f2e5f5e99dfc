"""Addresses of pages."""

from urllib.parse import quote

from probe.model.name import display


def domain_url(name: str) -> str:
    """Give the path of a domain's page."""
    return f"/domains/{quote(display(name), safe='')}"


def wave_url(name: str) -> str:
    """Give the path of a wave's page."""
    return f"/waves/{quote(name, safe='')}"
