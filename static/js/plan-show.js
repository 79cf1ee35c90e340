// The plan as it is drawn: a fresh one put in its place, and rows that fold and unfold, by click and by keyboard.
(function () {
  "use strict";
  const plan = () => document.getElementById("plan");
  const FOLLOWS = ["plan-choices", "plan-export"]; // what carries the address along

  // How far down an answer must reach: to the last row that is seen.
  function upto() {
    const box = plan().querySelector(".gantt");
    const edge = box ? box.getBoundingClientRect().bottom : 0;
    let last = 0;
    for (const row of plan().querySelectorAll("tr[data-at]")) {
      if (row.getBoundingClientRect().top < edge) last = Number(row.dataset.at);
    }
    return last;
  }

  function put(fresh) {
    const old = plan();
    const box = old.querySelector(".gantt");
    const at = box ? [box.scrollLeft, box.scrollTop] : [0, 0];
    document.dispatchEvent(new Event("plan:leaves"));
    freshen(old, fresh);
    const place = plan().querySelector(".gantt");
    if (place && place !== box) [place.scrollLeft, place.scrollTop] = at;
    document.dispatchEvent(new Event("plan:arrives"));
  }
  // Only what is another than it was is put in place: most rows and bars stay, and need not be laid out again. A row is
  // whole, since scripts know things of its cells.
  function freshen(old, fresh) {
    if (old.isEqualNode(fresh)) return;
    if (old instanceof Element && old.tagName !== "TR" && old.childNodes.length === fresh.childNodes.length && old.cloneNode(false).isEqualNode(fresh.cloneNode(false))) {
      const others = [...fresh.childNodes];
      [...old.childNodes].forEach((one, n) => freshen(one, others[n]));
      return;
    }
    old.replaceWith(fresh);
    if (fresh instanceof Element) window.htmx?.process(fresh);
  }
  function show(html) {
    const content = document.createElement("template");
    content.innerHTML = html;
    const fresh = content.content.querySelector("#plan");
    if (fresh) put(fresh);
  }

  // ---- folding: the address says what is folded, so the whole page follows it; nothing else of the page is lost
  const link = (row) => row?.querySelector("a.fold");
  async function fold(at) {
    const row = at.closest("tr").dataset.row;
    const held = document.activeElement === at;
    const address = new URL(at.href, location.href);
    const asked = new URL(address);
    asked.searchParams.set("upto", String(upto()));
    let page;
    try {
      const response = await fetch(asked, { headers: { Accept: "text/html" } });
      if (!response.ok || response.redirected) throw new Error();
      page = new DOMParser().parseFromString(await response.text(), "text/html");
    } catch {
      location.assign(address); // the browser says what is the matter
      return;
    }
    const fresh = page.getElementById("plan");
    if (!fresh) return;
    for (const id of FOLLOWS) {
      const other = page.getElementById(id);
      if (other) document.getElementById(id)?.replaceWith(document.adoptNode(other));
    }
    const kept = document.querySelector("#plan-views input[name=query]");
    if (kept) kept.value = page.querySelector("#plan-views input[name=query]")?.value ?? kept.value;
    history.replaceState(history.state, "", address);
    put(document.adoptNode(fresh));
    if (held) link(plan().querySelector(`tr[data-row="${CSS.escape(row)}"]`))?.focus({ preventScroll: true });
  }
  // Edits that are on their way come first: their answer is drawn for the address that they were made in.
  const folded = (at) => (window.planSheet ? window.planSheet.queued(() => fold(at)) : fold(at));

  // What an arrow does in the first column: fold, unfold, or go to the row above that it lies under.
  function arrow(row, right, go) {
    const at = link(row);
    if (at && (at.getAttribute("aria-expanded") === "true") !== right) return folded(at), true;
    if (right) return false;
    const level = (one) => Number(/level-(\d+)/.exec(one.className)?.[1] || 0);
    let above = row.previousElementSibling ?? previous(row);
    while (above && level(above) >= level(row)) above = above.previousElementSibling ?? previous(above);
    if (above) go(above);
    return Boolean(above);
  }
  // The last row of the window before.
  const previous = (row) => row.closest(".gantt-part").previousElementSibling?.querySelector("tbody tr[data-row]:last-child");

  document.addEventListener("click", (event) => {
    const at = event.target instanceof Element ? event.target.closest("#plan a.fold") : null;
    if (!at || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    folded(at);
  });
  document.addEventListener("keydown", (event) => {
    if (!(event.target instanceof Element) || !event.target.matches("#plan a.fold") || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "ArrowRight" || event.key === "ArrowLeft") {
      event.preventDefault();
      arrow(event.target.closest("tr"), event.key === "ArrowRight", (row) => (link(row) ?? row.querySelector("a"))?.focus());
    } else if (event.key === " ") {
      event.preventDefault();
      folded(event.target);
    }
  });
  window.planShow = { plan, upto, show, arrow };
})();
