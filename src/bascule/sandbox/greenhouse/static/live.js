// Fetches the page again every two seconds and exchanges the parts marked data-live that have changed.
(() => {
  const busy = (part) => part.contains(document.activeElement) && document.activeElement.matches("input, textarea, select");
  const edited = (part) => [...part.querySelectorAll("input, textarea")].some((one) => one.value !== one.defaultValue);
  const look = async () => {
    if (document.hidden) return;
    const answer = await fetch(location.pathname + location.search.replace(/[?&](flash|wrong)=[^&]*/g, ""), { headers: { Accept: "text/html" } }).catch(() => null);
    if (!answer || !answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of document.querySelectorAll("[data-live]")) {
      const next = fresh.querySelector(`[data-live="${part.dataset.live}"]`);
      if (!next || busy(part) || edited(part) || next.innerHTML === part.dataset.shown) continue;
      if (part.dataset.shown === undefined) { part.dataset.shown = next.innerHTML; if (next.innerHTML === part.innerHTML) continue; }
      part.dataset.shown = next.innerHTML;
      const open = [...part.querySelectorAll("details")].map((one) => one.open);
      part.innerHTML = next.innerHTML;
      part.querySelectorAll("details").forEach((one, at) => { one.open = open[at] ?? one.open; });
      part.classList.remove("moved"); void part.offsetWidth; part.classList.add("moved");
    }
  };
  setInterval(look, 2000);
})();
