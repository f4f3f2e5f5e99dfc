"""docs/web.md and the web configuration's schema hold each other."""

import re
from pathlib import Path

from probe.config.web.load import load_web
from probe.config.web.schema import HttpServerFile, RateLimitFile, TlsFile, WebConfigFile

PAGE = (Path(__file__).parents[2] / "docs" / "web.md").read_text(encoding="utf-8")


def test_every_key_of_the_format_is_described_and_no_other() -> None:
    rows = re.findall(r"^\| (`.*?) \|", PAGE, re.MULTILINE)
    told = {name for row in rows for name in re.findall(r"`(?:[a-z0-9_]+\.)?([a-z0-9_]+)`", row)}
    known = {*TlsFile.model_fields, *HttpServerFile.model_fields, *RateLimitFile.model_fields, "basic_auth_users"}

    assert told == known
    assert set(WebConfigFile.model_fields) == {
        "tls_server_config", "http_server_config", "rate_limit", "basic_auth_users",
    }  # fmt: skip


def test_the_example_is_a_good_file(tmp_path: Path) -> None:
    (example,) = re.findall(r"```yaml\n(tls_server_config.*?)```", PAGE, re.DOTALL)
    for name in ("tls.crt", "tls.key", "ca.crt"):
        (tmp_path / name).write_text("-")
    for number, text in enumerate((example, example.replace("# client", "client"))):
        path = tmp_path / f"{number}.yaml"
        path.write_text(text)
        assert [user for user, _ in load_web(path).users] == ["prometheus"]
