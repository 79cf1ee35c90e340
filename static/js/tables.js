// Tables: arrows move between rows, Enter opens; a cell with data-edit-url is edited in place.
(function () {
  "use strict";
  const element = (event) => (event.target instanceof Element ? event.target : null);

  // ---- rows: <table class="table" data-keys>, one row in the tab order, arrows move it
  function focusRow(row) {
    if (!row) return;
    for (const other of row.parentElement.querySelectorAll("tr[tabindex='0']")) other.tabIndex = -1;
    row.tabIndex = 0;
    row.focus();
  }
  function ready(within) {
    for (const table of within.querySelectorAll("table[data-keys]")) {
      const rows = table.querySelectorAll("tbody tr");
      rows.forEach((row, place) => {
        if (!row.hasAttribute("tabindex")) row.tabIndex = place ? -1 : 0;
      });
    }
    // A table wider than its place is scrolled with the keyboard as well.
    for (const wrap of within.querySelectorAll(":is(.table-wrap, figure):not([tabindex])")) {
      if (wrap.scrollWidth > wrap.clientWidth || wrap.scrollHeight > wrap.clientHeight) wrap.tabIndex = 0;
    }
    for (const cell of within.querySelectorAll("td[data-edit-url]:not([tabindex])")) cell.tabIndex = 0;
  }
  ready(document);
  document.addEventListener("htmx:after:settle", (event) => ready(event.detail.ctx?.target?.closest?.("table") || document));

  const step = (row, forward) => {
    let next = row;
    do next = forward ? next.nextElementSibling : next.previousElementSibling;
    while (next && next.hidden);
    return next;
  };

  // ---- cells: Enter or a double click loads the editor, Enter saves, Esc puts back what was there
  const before = new WeakMap();
  function edit(cell) {
    if (cell.classList.contains("editing") || !window.htmx) return;
    before.set(cell, cell.innerHTML);
    cell.classList.add("editing");
    window.htmx.ajax("GET", cell.dataset.editUrl, { target: cell, swap: "innerHTML" });
  }
  function leave(cell) {
    if (!before.has(cell)) return;
    const was = before.get(cell);
    before.delete(cell); // first: taking the field away fires focusout, which would come here again
    cell.classList.remove("editing");
    cell.innerHTML = was;
    window.htmx?.process(cell);
    cell.focus();
  }
  document.addEventListener("htmx:after:swap", (event) => {
    const context = event.detail.ctx;
    const target = context?.target; // a selector where the answer chose another one (HX-Retarget)
    const cell = (typeof target === "string" ? document.querySelector(target) : target)?.closest?.("td[data-edit-url]");
    if (!cell || !before.has(cell)) return;
    const field = cell.querySelector("input:not([type=hidden]), select, textarea");
    if (field) {
      field.focus();
      field.select?.();
    } else {
      before.delete(cell);
      cell.classList.remove("editing");
      cell.classList.add("saved");
      cell.focus();
    }
  });
  document.addEventListener("htmx:finally:request", () => {
    for (const cell of document.querySelectorAll("td.saving")) cell.classList.remove("saving");
  });
  document.addEventListener("dblclick", (event) => {
    const cell = element(event)?.closest("td[data-edit-url]");
    if (cell && !element(event).closest("a, button, input, select")) edit(cell);
  });
  document.addEventListener("focusout", (event) => {
    const cell = element(event)?.closest("td.editing");
    const to = event.relatedTarget;
    if (!cell || cell.classList.contains("saving") || (to instanceof Node && cell.contains(to))) return;
    const field = element(event);
    if ("defaultValue" in field && field.value === field.defaultValue) leave(cell); // nothing typed, nothing asked
  });

  document.addEventListener("keydown", (event) => {
    const at = element(event);
    if (!at) return;
    const cell = at.closest("td[data-edit-url]");
    if (cell && cell.classList.contains("editing")) {
      if (event.key === "Escape") {
        event.preventDefault();
        event.stopPropagation();
        leave(cell);
      } else if (event.key === "Enter" && !at.matches("textarea")) {
        event.preventDefault();
        cell.classList.add("saving");
        cell.querySelector("form")?.requestSubmit();
      }
      return;
    }
    if (at === cell && (event.key === "Enter" || event.key === "F2")) {
      event.preventDefault();
      return edit(cell);
    }
    const row = at.closest("table[data-keys] tbody tr");
    if (!row || at.matches("input, select, textarea")) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const next = step(row, event.key === "ArrowDown");
      if (!next) return;
      event.preventDefault();
      if (cell) (next.cells[cell.cellIndex]?.hasAttribute("tabindex") ? next.cells[cell.cellIndex] : next).focus();
      else focusRow(next);
    } else if (cell && (event.key === "ArrowLeft" || event.key === "ArrowRight")) {
      let next = cell;
      do next = event.key === "ArrowRight" ? next.nextElementSibling : next.previousElementSibling;
      while (next && !next.hasAttribute("tabindex"));
      if (next) {
        event.preventDefault();
        next.focus();
      }
    } else if (event.key === "Enter" && at === row) {
      const link = row.querySelector("a[href]");
      if (link) {
        event.preventDefault();
        link.click();
      }
    }
  });

  // ---- choose many: the box in the head chooses all, shift chooses a range, the count is said
  let last = null;
  document.addEventListener("click", (event) => {
    const box = element(event);
    if (!(box instanceof HTMLInputElement) || box.type !== "checkbox") return;
    const table = box.closest("table");
    if (!table) return;
    const boxes = [...table.querySelectorAll("tbody input[type=checkbox][data-choose]")];
    if (box.matches("[data-choose-all]")) boxes.forEach((one) => (one.checked = box.checked));
    else if (box.matches("[data-choose]")) {
      const from = boxes.indexOf(last);
      const to = boxes.indexOf(box);
      if (event.shiftKey && from >= 0) {
        for (let place = Math.min(from, to); place <= Math.max(from, to); place++) boxes[place].checked = box.checked;
      }
      last = box;
    } else return;
    for (const one of boxes) one.closest("tr").setAttribute("aria-selected", String(one.checked));
    const chosen = boxes.filter((one) => one.checked).length;
    for (const says of document.querySelectorAll("[data-chosen-count]")) says.textContent = String(chosen);
    for (const bar of document.querySelectorAll("[data-when-chosen]")) bar.hidden = chosen === 0;
  });
})();
