"""The picture of the status page in the README: the demonstration's fights, as a real Chromium shows them.

`make picture` (or `python -m picture [FILE]`) takes it anew; it needs a minute and a half, and Chromium.
"""

import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import sync_playwright

from tests.real import require

PICTURE = Path(__file__).parents[1] / "docs" / "images" / "status-page.png"
WIDTH, HEIGHT = 1_180, 1_420
MOMENTS = 180
"""Looks, a second apart, within which the story's fights have to be seen."""
CHANGES = 7
"""Confirmed changes of a fight that make a picture of it."""


def main() -> None:
    """Play the demonstration until two fights are well under way, and take the picture."""
    picture = Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURE
    with sync_playwright() as playwright:
        # The browser first: its start would keep the probe from keeping pace, and the page would say so.
        browser = playwright.chromium.launch(executable_path=require("chromium"), args=["--no-sandbox"])
        page = browser.new_page(
            viewport={"width": WIDTH, "height": HEIGHT}, device_scale_factor=1.3, color_scheme="light"
        )
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        demo = subprocess.Popen([sys.executable, "-m", "probe", "demo", "--port", str(port)], stdout=subprocess.DEVNULL)
        try:
            url = f"http://127.0.0.1:{port}"
            _wait(url)
            page.goto(url)
            page.locator("#pulse").wait_for()
            page.screenshot(path=picture)
            if not _is_worth_it(url):
                raise SystemExit("The moment had passed when the picture was taken: try again on an idle machine.")
        finally:
            demo.terminate()
            demo.wait(30)
            browser.close()


def _wait(url: str) -> None:
    """Wait until fights are being fought that have gone on for a while."""
    for _ in range(MOMENTS):
        threading.Event().wait(1.0)
        try:
            if _is_worth_it(url):
                return
        except httpx.TransportError:
            continue
    raise SystemExit("The fights of the demonstration were not seen.")


def _is_worth_it(url: str) -> bool:
    """Tell whether two names are fought over and nothing else is wrong, and the probe is well."""

    def told(path: str) -> Any:
        return httpx.get(f"{url}/api/v1/{path}", trust_env=False).json()

    critical = {one["domain"] for one in told("findings")["findings"] if one["severity"] == "critical"}
    fought = [told(f"domains/{one['name']}") for one in told("domains?state=flapping")["domains"]]
    changes = [max(record["transitions"] for record in one["records"]) for one in fought]
    return (
        told("status")["health"]["level"] == "calm"
        and critical == {one["name"] for one in fought}
        and sum(number >= CHANGES for number in changes) > 1
    )


if __name__ == "__main__":
    main()
