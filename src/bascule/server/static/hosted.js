// Hosted forms: what is written is kept while it is written, and the time zone is guessed. All works without it.
"use strict";

const zone = document.querySelector("select[data-zone]");
if (zone && zone.value === "UTC") {
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if ([...zone.options].some((one) => one.value === here)) zone.value = here;
}

// Times in a zone that nobody has chosen: shown in the browser's own, once.
const guessed = document.querySelector("select[data-guess]");
if (guessed) {
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const known = [...guessed.options].some((one) => one.value === here);
  if (known && guessed.value !== here) {
    guessed.value = here;
    if (guessed.form.action.endsWith("/look")) guessed.form.requestSubmit();
  }
}

const form = document.querySelector("form[data-keep]");
if (form) {
  const told = form.querySelector("[data-kept]");
  let timer = 0;
  let last = new URLSearchParams(new FormData(form)).toString();

  const keep = async () => {
    const now = new URLSearchParams(new FormData(form));
    if (now.toString() === last) return;
    told.textContent = form.dataset.saving;
    try {
      const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams([...now, ["go", "stay"]]) });
      if (answer.status === 204) {
        last = now.toString();
        told.textContent = form.dataset.saved;
      } else if (answer.status === 422) {
        told.textContent = "";
      } else throw new Error();
    } catch {
      told.textContent = form.dataset.failed;
      timer = setTimeout(keep, 5000);
    }
  };

  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(keep, 800);
  });
  form.addEventListener("submit", () => clearTimeout(timer));
}
