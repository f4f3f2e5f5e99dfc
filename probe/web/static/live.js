// Follows the probe: when it says that there is news, the page asks for itself again and takes over the parts that differ.
// What is being read, typed or held open stays as it is. Without this script the page loads itself again.
"use strict";
(() => {
  const PATIENCE = 20_000; // milliseconds without a word after which the probe counts as gone: four of its ticks
  const stale = document.getElementById("stale");
  const since = document.getElementById("stale-since");
  const pulse = document.getElementById("pulse");
  const words = document.getElementById("pulse-words");
  const form = document.getElementById("filter");
  let seen = document.body.dataset.seen;
  let source = null;
  let silence = 0;
  let asking = null;
  let typing = 0;
  let again = 0;
  let newest = seen;

  function say(alive) {
    if (!alive && stale.hidden) since.textContent = ` since ${new Date().toISOString().slice(11, 19)} UTC`;
    stale.hidden = alive;
    pulse.hidden = false;
    pulse.classList.toggle("off", !alive);
    words.textContent = alive ? "live" : "no answer";
  }

  function wait() {
    clearTimeout(silence);
    silence = setTimeout(() => say(false), PATIENCE);
  }

  function take(fresh) {
    for (const part of fresh.querySelectorAll("[id^=part-]")) {
      const old = document.getElementById(part.id);
      if (!old) continue;
      for (const one of part.querySelectorAll("details[id]")) {
        const held = document.getElementById(one.id);
        if (held) one.open = held.open;
      }
      if (old.innerHTML === part.innerHTML && old.className === part.className) continue;
      const focus = old.contains(document.activeElement) ? document.activeElement : null;
      const href = focus?.getAttribute("href");
      const summary = focus?.closest("details[id]")?.id;
      old.replaceWith(document.adoptNode(part));
      if (href) part.querySelector(`a[href="${CSS.escape(href)}"]`)?.focus({ preventScroll: true });
      else if (summary) part.querySelector(`#${CSS.escape(summary)} > summary`)?.focus({ preventScroll: true });
    }
    document.title = fresh.title;
    document.getElementById("icon").href = fresh.getElementById("icon").href;
    seen = fresh.body.dataset.seen;
  }

  async function refresh() {
    clearTimeout(again);
    asking?.abort();
    asking = new AbortController();
    try {
      const response = await fetch(location.href, { headers: { Accept: "text/html" }, signal: asking.signal });
      if (!response.ok && response.status !== 404) throw new Error(String(response.status));
      const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
      if (!fresh.body.dataset.seen) return location.reload(); // the domain has left the plan: its own page says so
      take(fresh);
      say(true);
      wait();
      // The probe may give people who look together one page for a second.
      if (newest !== seen) again = setTimeout(refresh, 1_000);
    } catch (error) {
      if (error.name !== "AbortError") say(false);
    }
  }

  function listen() {
    source?.close();
    source = new EventSource(`/live?seen=${encodeURIComponent(seen)}`);
    source.onopen = () => { say(true); wait(); };
    for (const kind of ["news", "tick"]) {
      source.addEventListener(kind, (event) => { newest = event.lastEventId; refresh(); });
    }
    // A browser comes back by itself, except when it was turned away: too many pages are open, or a proxy answered.
    source.onerror = () => {
      if (source.readyState === EventSource.CLOSED) setTimeout(() => { if (!document.hidden) { refresh(); listen(); } }, 10_000);
    };
  }

  function show() {
    if (document.hidden) {
      source?.close(); // nobody looks: the probe need not tell
      clearTimeout(silence);
    } else {
      refresh();
      listen();
    }
  }

  function narrow() {
    const query = new URLSearchParams(new FormData(form));
    for (const [name, value] of [...query]) if (!value) query.delete(name);
    history.replaceState(null, "", query.size ? `/?${query}` : "/");
    refresh();
  }

  if (form) {
    form.addEventListener("input", () => { clearTimeout(typing); typing = setTimeout(narrow, 120); });
    form.addEventListener("submit", (event) => { event.preventDefault(); narrow(); });
    document.addEventListener("keydown", (event) => {
      if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea")) return;
      event.preventDefault();
      form.elements.q.focus();
    });
  }
  document.addEventListener("visibilitychange", show);
  if (!document.hidden) { listen(); wait(); }
})();
