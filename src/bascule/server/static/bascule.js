// Pages work without this file. It adds three things: live regions, a mark on what changed, and a few keys.
(() => {
  "use strict";

  // ---- live: one stream for the page; a region that names the kind of thing that changed asks for itself again.
  const regions = () => [...document.querySelectorAll("[data-live]")];
  const busy = (region) => {
    const at = document.activeElement;
    const typing = at && region.contains(at) && at.matches("input, textarea, select");
    return typing || region.querySelector("details.more[open], details[open] pre, details.turn[open]:not([data-open])") !== null;
  };
  const due = new Map();
  const refresh = (region) => {
    if (due.has(region.id)) return;
    due.set(region.id, setTimeout(() => {
      due.delete(region.id);
      const now = document.getElementById(region.id);
      if (!now) return;
      if (busy(now) || document.hidden) { stale.add(region.id); return; }
      now.dispatchEvent(new CustomEvent("live"));
    }, 400));
  };
  const stale = new Set();
  const catchUp = () => {
    if (document.hidden) return;
    for (const id of [...stale]) {
      stale.delete(id);
      const region = document.getElementById(id);
      if (region) refresh(region);
    }
  };
  document.addEventListener("visibilitychange", catchUp);
  document.addEventListener("focusout", () => setTimeout(catchUp, 0));
  document.addEventListener("toggle", (event) => { if (!event.target.open) catchUp(); }, true);

  // What goes on without telling anybody of each step is asked for again while it does.
  setInterval(() => document.querySelectorAll("[data-again]").forEach(refresh), 3000);

  const connect = () => {
    if (!regions().length || !window.EventSource) return;
    const source = new EventSource("/events");
    const show = (on) => document.querySelectorAll(".live-dot").forEach((dot) => {
      dot.dataset.on = String(on);
      dot.querySelector(".words").textContent = on ? "Live" : "Reconnecting";
    });
    let met = false;
    source.addEventListener("open", () => {
      show(true);
      if (met) regions().forEach(refresh); // what was missed while away
      met = true;
    });
    source.addEventListener("error", () => show(false));
    source.addEventListener("change", (event) => {
      const { kind, id } = JSON.parse(event.data);
      for (const region of regions()) {
        const kinds = region.dataset.live.split(" ");
        const about = region.dataset.about;
        if ((kinds.includes("*") || kinds.includes(kind)) && (!about || about.split(" ").includes(id))) refresh(region);
      }
    });
    window.addEventListener("pagehide", () => source.close());
  };

  // ---- what changed: cells carry data-cell; a different text after a swap is marked for a moment.
  let before = new Map();
  let place = -1; // of the row that had the focus: what was answered is gone, and the next one takes its place
  const rows = () => [...document.querySelectorAll("[data-row] a[data-main]")];
  const cells = () => new Map([...document.querySelectorAll("[data-cell]")].map((el) => [el.dataset.cell, el.textContent.trim()]));
  document.addEventListener("htmx:before:swap", (event) => {
    const region = event.detail.ctx.sourceElement;
    const itself = region.matches("[data-live]");
    if (itself && busy(region)) { // somebody has begun to fill in since it was asked for
      event.preventDefault();
      stale.add(region.id);
      return;
    }
    if (itself && event.detail.ctx.response.status >= 400) { // an error has no such region: what is shown stays
      event.preventDefault();
      return;
    }
    before = cells();
    place = rows().indexOf(document.activeElement?.closest("[data-row]")?.querySelector("a[data-main]"));
  });
  document.addEventListener("htmx:after:swap", () => {
    const links = rows();
    if (place >= 0 && links.length && document.activeElement === document.body) links[Math.min(place, links.length - 1)].focus();
    document.querySelectorAll("[data-cell]").forEach((el) => {
      const was = before.get(el.dataset.cell);
      if (was !== el.textContent.trim() && before.size) {
        el.classList.remove("changed");
        void el.offsetWidth;
        el.classList.add("changed");
        el.addEventListener("animationend", () => el.classList.remove("changed"), { once: true });
      }
    });
    const said = document.querySelector("#flash .notice");
    if (said && !said.dataset.said) { said.dataset.said = "1"; said.scrollIntoView({ block: "nearest" }); }
  });

  // ---- keys: "/" to search, "g" then a letter to go, j/k to walk a list, a button's own letter in its row.
  let going = false;
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    if (going) {
      going = false;
      const link = document.querySelector(`.nav a[data-key="${CSS.escape(event.key)}"]`);
      if (link) { event.preventDefault(); link.click(); }
      return;
    }
    if (event.key === "g") { going = true; setTimeout(() => { going = false; }, 1200); return; }
    if (event.key === "/") {
      const search = document.querySelector("input[type=search]");
      if (search) { event.preventDefault(); search.focus(); search.select(); } else { window.location.assign("/candidates"); }
      return;
    }
    const pressed = `button[data-press="${CSS.escape(event.key)}"]`;
    const button = document.querySelector(`#flash ${pressed}`) ?? document.activeElement.closest("[data-row]")?.querySelector(pressed);
    if (button) { event.preventDefault(); button.click(); return; }
    if (event.key === "j" || event.key === "k") {
      const links = rows();
      if (!links.length) return;
      event.preventDefault();
      const at = links.indexOf(document.activeElement);
      const next = event.key === "j" ? Math.min(at + 1, links.length - 1) : Math.max(at - 1, 0);
      links[next].focus();
    }
  });

  document.addEventListener("click", (event) => {
    const copy = event.target.closest("[data-copy]");
    if (copy && navigator.clipboard) {
      navigator.clipboard.writeText(copy.dataset.copy).then(() => {
        const words = copy.querySelector(".words");
        if (words) words.textContent = "Copied";
      });
    }
    if (event.target.closest("[data-print]")) window.print();
    const sheet = document.querySelector(".tabbar details[open]");
    if (sheet && !sheet.contains(event.target)) sheet.open = false;
  });

  document.querySelectorAll("[data-needs-script]").forEach((el) => { el.hidden = false; });
  connect();
})();
