"use strict";
// Small enhancements; every page works without them.

// Filters apply as they change.
document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-auto]");
  if (form) form.requestSubmit();
});

// "All" on a list, and the count and amount of what is chosen.
function tell(form) {
  const chosen = [...form.querySelectorAll("input[data-amount]:checked")];
  const amount = chosen.reduce((sum, box) => sum + BigInt(box.dataset.amount), 0n);
  const place = form.querySelector("[data-chosen]");
  if (place) {
    const grouped = amount.toString().replace(/\B(?=(\d{3})+(?!\d))/g, ".");
    place.textContent = place.dataset.text.replace("#", chosen.length).replace("@", `${grouped}\u00a0đ`);
  }
}
document.addEventListener("change", (event) => {
  const form = event.target.form;
  if (!form || !form.matches("[data-list]")) return;
  if (event.target.matches("[data-all]")) {
    form.querySelectorAll("input[data-amount]").forEach((box) => { box.checked = event.target.checked; });
  }
  tell(form);
});
// On a slow network somebody chooses before the scripts are there: that choice is applied when they are.
// Going back or reloading, it is the browser that fills in what was chosen: applying that would undo the going back.
function chosenEarly(control) {
  if (control.matches("select")) {
    const offered = [...control.options].find((option) => option.defaultSelected) || control.options[0];
    return Boolean(offered) && !offered.selected;
  }
  return control.checked !== control.defaultChecked;
}
document.addEventListener("DOMContentLoaded", () => {
  const [opened] = performance.getEntriesByType("navigation");
  const forms = opened.type === "navigate" ? document.querySelectorAll("form[data-auto], form.filters[hx-get]") : [];
  forms.forEach((form) => {
    const early = [...form.querySelectorAll("select, input[type=checkbox], input[type=radio]")].find(chosenEarly);
    if (early) early.dispatchEvent(new Event("change", { bubbles: true }));
  });
  document.querySelectorAll("form[data-list]").forEach(tell);
  // The menu is wider than a phone: where one is must be seen.
  const menu = document.querySelector(".menu");
  const here = menu && menu.querySelector("[aria-current]");
  if (here) menu.scrollLeft = here.offsetLeft - (menu.clientWidth - here.offsetWidth) / 2;
  // A month is wider than a phone: today is what matters.
  document.querySelectorAll("[data-end]").forEach((place) => { place.scrollLeft = place.scrollWidth; });
});
