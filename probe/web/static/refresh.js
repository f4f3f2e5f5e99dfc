// Fetches the page again every few seconds and puts its <main> in place, so that reading and scrolling go on.
"use strict";
(() => {
  const seconds = Number(document.body.dataset.refresh);
  const stale = document.getElementById("stale");

  async function refresh() {
    if (document.hidden) return;
    try {
      const response = await fetch(location.href, { headers: { Accept: "text/html" } });
      if (!response.ok) throw new Error(String(response.status));
      const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
      const open = new Map(Array.from(document.querySelectorAll("details[id]"), (one) => [one.id, one.open]));
      for (const one of fresh.querySelectorAll("details[id]")) {
        if (open.has(one.id)) one.open = open.get(one.id);
      }
      const focused = document.activeElement?.getAttribute("href");
      document.querySelector("main").replaceWith(fresh.querySelector("main"));
      document.title = fresh.title;
      if (focused) document.querySelector(`main a[href="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
      stale.hidden = true;
    } catch {
      stale.hidden = false;
    }
  }

  setInterval(refresh, seconds * 1000);
  document.addEventListener("visibilitychange", refresh);
})();
