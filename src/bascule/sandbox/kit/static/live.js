// Fetches the page again every two seconds and exchanges the parts marked data-live that have changed.
// A part in which someone is typing or has chosen something is left alone.
(() => {
  const shown = new WeakMap();
  const changed = (one) =>
    one.matches("select")
      ? [...one.options].some((option) => option.selected !== option.defaultSelected) && one.selectedIndex > 0
      : one.type === "checkbox" ? one.checked !== one.defaultChecked : one.value !== one.defaultValue;
  const busy = (part) =>
    (part.contains(document.activeElement) && document.activeElement.matches("input, textarea, select")) ||
    [...part.querySelectorAll("input, textarea, select")].some(changed);
  const look = async () => {
    if (document.hidden) return;
    const query = new URLSearchParams(location.search);
    query.delete("flash");
    query.delete("wrong");
    const answer = await fetch(`${location.pathname}?${query}`, { headers: { Accept: "text/html" } }).catch(() => null);
    if (!answer || !answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of document.querySelectorAll("[data-live]")) {
      const next = page.querySelector(`[data-live="${part.dataset.live}"]`);
      if (!next || next.innerHTML === (shown.get(part) ?? next.innerHTML)) {
        if (next && !shown.has(part)) shown.set(part, next.innerHTML);
        continue;
      }
      if (busy(part)) continue;
      shown.set(part, next.innerHTML);
      const open = [...part.querySelectorAll("details")].map((one) => one.open);
      part.innerHTML = next.innerHTML;
      part.querySelectorAll("details").forEach((one, at) => { one.open = open[at] ?? one.open; });
      part.classList.remove("moved");
      void part.offsetWidth;
      part.classList.add("moved");
    }
  };
  // What the parts held when the page arrived, as the parser writes it.
  document.querySelectorAll("[data-live]").forEach((part) => shown.set(part, part.innerHTML));
  setInterval(look, 2000);
})();
