"""The picture of the status page in the README: the demonstration's fights, as a real Chromium shows them.

`make picture` (or `python -m picture [FILE]`) takes it anew; it needs a minute and a half, and Chromium.
"""

import socket
import subprocess
import sys
import threading
from pathlib import Path

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
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    demo = subprocess.Popen([sys.executable, "-m", "probe", "demo", "--port", str(port)], stdout=subprocess.DEVNULL)
    try:
        url = f"http://127.0.0.1:{port}"
        _wait(url)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=require("chromium"), args=["--no-sandbox"])
            page = browser.new_page(
                viewport={"width": WIDTH, "height": HEIGHT}, device_scale_factor=1.3, color_scheme="light"
            )
            page.goto(url)
            page.locator("#pulse").wait_for()
            page.screenshot(path=picture)
            browser.close()
    finally:
        demo.terminate()
        demo.wait(30)


def _wait(url: str) -> None:
    """Wait until fights are being fought that have gone on for a while."""
    for _ in range(MOMENTS):
        threading.Event().wait(1.0)
        try:
            fights = httpx.get(f"{url}/api/v1/domains?state=flapping", trust_env=False).json()["domains"]
            names = [one["name"] for one in fights]
            told = [httpx.get(f"{url}/api/v1/domains/{name}", trust_env=False).json() for name in names]
        except httpx.TransportError:
            continue
        long = [one for one in told if max(record["transitions"] for record in one["records"]) >= CHANGES]
        if len(long) > 1:
            return
    raise SystemExit("The fights of the demonstration were not seen.")


if __name__ == "__main__":
    main()
