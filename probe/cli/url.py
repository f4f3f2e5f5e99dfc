"""Where a daemon's web server is, as people and commands write it."""


def url(host: str, port: int, *, tls: bool = False) -> str:
    """Write where the web server is for people; a wildcard address is reached through loopback."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  # read here, not listened on
    scheme = "https" if tls else "http"
    return f"{scheme}://[{host}]:{port}/" if ":" in host else f"{scheme}://{host}:{port}/"
