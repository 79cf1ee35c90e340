// The budget sheet: moves and selects like a spreadsheet, writes blocks of cells in one request. The server computes
// every sum and answers with the whole sheet; what it refuses stays in its cells, marked, until it is typed anew.
(function () {
  "use strict";
  const sheet = () => document.getElementById("budget-sheet");
  const editable = () => Boolean(sheet()?.dataset.url);
  const byKey = (key) => (key ? sheet()?.querySelector(`td[data-cell="${CSS.escape(key)}"]`) : null);
  const cellOf = (node) => (node instanceof Element ? node.closest("#budget-sheet td[data-cell]") : null);
  const cellsOf = (row) => [...row.querySelectorAll("td[data-cell]")];
  const writable = (cell) => editable() && cell.getAttribute("aria-readonly") !== "true";
  const textOf = (cell) => cell.dataset.typed ?? cell.dataset.value;

  let active = ""; // key of the cell that has the focus, and of the other corner of the selection
  let anchor = "";
  let inside = false; // is the focus in the sheet?
  let waiting = new Map(); // key -> text typed and not sent yet
  let sending = null; // the same, under way

  // ---- where things are: rows and columns of cells, sums left out
  function lines() {
    return [...(sheet()?.querySelectorAll("tbody tr") || [])].map(cellsOf).filter((row) => row.length);
  }
  function place(rows, key) {
    for (let row = 0; row < rows.length; row++) {
      const column = rows[row].findIndex((cell) => cell.dataset.cell === key);
      if (column >= 0) return { row, column };
    }
    return null;
  }
  function chosen() {
    const rows = lines();
    const one = place(rows, active);
    const other = place(rows, anchor) || one;
    if (!one) return [];
    const [top, bottom] = [one.row, other.row].sort((a, b) => a - b);
    const [left, right] = [one.column, other.column].sort((a, b) => a - b);
    return rows.slice(top, bottom + 1).map((row) => row.slice(left, right + 1));
  }
  function paint() {
    for (const cell of sheet().querySelectorAll("td.chosen")) cell.classList.remove("chosen");
    const block = chosen();
    if (block.length > 1 || block[0]?.length > 1) block.flat().forEach((cell) => cell.classList.add("chosen"));
  }
  function go(cell, extend) {
    if (!cell) return;
    sheet().querySelector("td[tabindex='0']")?.setAttribute("tabindex", "-1");
    cell.tabIndex = 0;
    active = cell.dataset.cell;
    if (!extend) anchor = active;
    inside = true;
    cell.focus({ preventScroll: true });
    cell.scrollIntoView({ block: "nearest", inline: "nearest" });
    paint();
  }
  function move(down, right, extend) {
    const rows = lines();
    const at = place(rows, active);
    const next = at && rows[at.row + down]?.[at.column + right];
    if (next) go(next, extend);
    return Boolean(next);
  }

  // ---- one cell being written
  const open = () => sheet()?.querySelector("td.editing");
  function edit(cell, text) {
    if (!writable(cell) || open()) return;
    const field = document.createElement("input");
    field.className = "cell";
    field.inputMode = "decimal";
    field.maxLength = 40;
    field.value = text ?? textOf(cell);
    field.setAttribute("aria-label", `${cell.parentElement.cells[0].textContent}, ${cell.dataset.cell.split(".")[2]}`);
    cell.dataset.was = cell.textContent;
    cell.classList.add("editing");
    cell.replaceChildren(field);
    field.focus();
    if (text === undefined) field.select();
  }
  function leave(cell, keep) {
    const text = cell.querySelector("input").value.trim();
    const changed = keep && text !== textOf(cell);
    const was = cell.dataset.was;
    delete cell.dataset.was;
    cell.classList.remove("editing");
    cell.textContent = changed ? text : was;
    if (changed) write(new Map([[cell.dataset.cell, text]]));
  }

  // ---- writing: one request at a time; what was refused before goes along, so that a block stays one block
  function write(changes) {
    for (const [key, text] of changes) waiting.set(key, text);
    show(waiting);
    send();
  }
  function show(texts) {
    for (const [key, text] of texts) {
      const cell = byKey(key);
      if (cell && !cell.classList.contains("editing")) cell.textContent = text;
      cell?.classList.add("saving");
    }
  }
  function send() {
    const box = sheet();
    if (sending || !waiting.size || !window.htmx) return;
    for (const cell of box.querySelectorAll("td[data-typed]")) {
      if (!waiting.has(cell.dataset.cell)) waiting.set(cell.dataset.cell, cell.dataset.typed);
    }
    const cells = [...waiting].map(([key, text]) => ({ cell: key, text, version: Number(byKey(key)?.dataset.version || 0) }));
    sending = waiting;
    waiting = new Map();
    const values = { cells: JSON.stringify(cells) };
    const request = window.htmx.ajax("POST", box.dataset.url + location.search, { source: box, target: box, swap: "outerHTML", values });
    Promise.resolve(request).catch(() => null).finally(() => answered(box));
  }
  let half = null; // an editor that is open while an answer comes in
  document.addEventListener("htmx:before:swap", () => {
    const cell = open();
    if (!cell || !sending) return;
    const field = cell.querySelector("input");
    half = { key: cell.dataset.cell, text: field.value, start: field.selectionStart, end: field.selectionEnd };
  });
  function answered(box) {
    if (sheet() === box) {
      // No answer came: what was typed stays, marked, and goes with the next one.
      for (const [key, text] of sending) {
        const cell = byKey(key);
        if (!cell) continue;
        cell.classList.remove("saving");
        cell.dataset.typed = text;
        cell.setAttribute("aria-invalid", "true");
      }
    }
    sending = null;
    show(waiting);
    const cell = byKey(half?.key);
    if (cell && sheet() !== box) {
      edit(cell, half.text);
      cell.querySelector("input")?.setSelectionRange(half.start, half.end);
    } else if (inside && !open()) go(byKey(active), true);
    half = null;
    ready();
    send();
  }

  // ---- blocks
  function paste(text) {
    const rows = lines();
    const at = place(rows, active);
    if (!at) return;
    const block = text.replace(/\r\n?/g, "\n").replace(/\n$/, "").split("\n").map((line) => line.split("\t"));
    const one = chosen();
    const changes = new Map();
    if (block.length === 1 && block[0].length === 1) {
      for (const cell of one.flat()) if (writable(cell)) changes.set(cell.dataset.cell, block[0][0].trim()); // one value fills the selection
      return write(changes);
    }
    const wide = Math.max(...block.map((line) => line.length));
    if (at.row + block.length > rows.length || at.column + wide > rows[at.row].length) {
      return say(`The block is ${block.length} × ${wide} cells: from here there are ${rows.length - at.row} × ${rows[at.row].length - at.column}. Nothing was pasted. Open or add a year first.`);
    }
    block.forEach((line, down) => line.forEach((value, right) => {
      const cell = rows[at.row + down][at.column + right];
      if (value.trim() !== cell.dataset.value) changes.set(cell.dataset.cell, value.trim());
    }));
    if (changes.size) write(changes);
  }
  function fill(down) {
    let block = chosen();
    if (!block.length) return;
    if (!down && block[0].length === 1) {
      // One column: to the end of the year that it stands in.
      const year = (cell) => { let at = cell; const mine = [cell]; while ((at = at.nextElementSibling)?.dataset.cell) mine.push(at); return mine; };
      block = block.map((row) => year(row[0]));
    }
    const changes = new Map();
    for (const [n, row] of block.entries()) row.forEach((cell, place) => {
      const from = down ? block[0][place] : row[0];
      if (cell !== from && (!down || n) && writable(cell) && textOf(cell) !== textOf(from)) changes.set(cell.dataset.cell, textOf(from));
    });
    if (changes.size) write(changes);
  }
  function say(text) {
    const box = sheet();
    box.querySelector(".sheet-says")?.remove();
    const line = document.createElement("p");
    line.className = "notice warn sheet-says";
    line.setAttribute("role", "alert");
    line.textContent = text;
    box.prepend(line);
  }

  // ---- what people do
  document.addEventListener("focusin", (event) => {
    const cell = cellOf(event.target);
    inside = Boolean(cell);
    if (cell && cell.dataset.cell !== active && !open()) go(cell);
  });
  let dragging = false;
  document.addEventListener("pointerdown", (event) => {
    const cell = cellOf(event.target);
    const writing = open();
    if (writing && cell !== writing) leave(writing, true);
    if (!cell || event.target.matches("input")) return;
    const again = cell.dataset.cell === active && event.pointerType !== "mouse";
    go(cell, event.shiftKey);
    event.preventDefault();
    dragging = event.pointerType === "mouse";
    if (again) edit(cell);
  });
  document.addEventListener("pointerover", (event) => dragging && event.buttons && go(cellOf(event.target), true));
  document.addEventListener("pointerup", () => (dragging = false));
  document.addEventListener("dblclick", (event) => { const cell = cellOf(event.target); if (cell) edit(cell); });
  document.addEventListener("focusout", (event) => {
    const cell = cellOf(event.target);
    if (cell?.classList.contains("editing") && event.target.isConnected && !sending && !cell.contains(event.relatedTarget)) leave(cell, true);
  });
  document.addEventListener("keydown", (event) => {
    const cell = cellOf(event.target);
    if (!cell) return;
    const command = event.ctrlKey || event.metaKey;
    const done = () => event.preventDefault();
    if (cell.classList.contains("editing")) {
      if (!["Enter", "Tab", "Escape"].includes(event.key)) return;
      done();
      active = cell.dataset.cell;
      leave(cell, event.key !== "Escape");
      const back = event.shiftKey ? -1 : 1;
      if (event.key === "Escape" || !move(event.key === "Enter" ? back : 0, event.key === "Tab" ? back : 0)) go(byKey(active));
      return;
    }
    const step = { ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1] }[event.key];
    if (step && !command && !event.altKey) { move(...step, event.shiftKey); return done(); }
    if (event.key === "Tab") { if (move(0, event.shiftKey ? -1 : 1)) done(); return; }
    if (event.key === "Home" || event.key === "End") {
      const rows = lines();
      const row = command ? rows.at(event.key === "Home" ? 0 : -1) : rows[place(rows, active).row];
      go(row.at(event.key === "Home" ? 0 : -1), event.shiftKey);
      return done();
    }
    if (command && event.key.toLowerCase() === "r" && chosen()[0]?.length > 1) { fill(false); return done(); }
    if (command && event.key.toLowerCase() === "d" && chosen().length > 1) { fill(true); return done(); }
    if (command || event.altKey || !editable()) return;
    if (event.key === "Enter" || event.key === "F2") { edit(cell); return done(); }
    if (event.key === "Delete" || event.key === "Backspace") {
      write(new Map(chosen().flat().filter((one) => writable(one) && textOf(one)).map((one) => [one.dataset.cell, ""])));
      return done();
    }
    if (event.key.length === 1 && event.key !== " ") { edit(cell, event.key); done(); }
  });
  document.addEventListener("copy", (event) => {
    if (!inside || open() || String(getSelection())) return;
    event.clipboardData.setData("text/plain", chosen().map((row) => row.map(textOf).join("\t")).join("\n"));
    event.preventDefault();
  });
  document.addEventListener("paste", (event) => {
    if (!inside || open() || !editable()) return;
    event.preventDefault();
    paste(event.clipboardData.getData("text/plain"));
  });
  document.addEventListener("click", (event) => {
    const at = event.target instanceof Element ? event.target : null;
    if (at?.closest("[data-grid-fill]")) fill(false);
    if (at?.closest("[data-grid-drop]")) { waiting.clear(); for (const cell of sheet().querySelectorAll("td[data-typed]")) delete cell.dataset.typed; location.reload(); }
    if (!at?.closest("[data-grid-over]")) return;
    const mine = new Map();
    for (const cell of sheet().querySelectorAll("td[data-typed]")) {
      if (cell.dataset.theirs !== undefined) cell.dataset.version = cell.dataset.theirs; // knowing what is there now
      mine.set(cell.dataset.cell, cell.dataset.typed);
    }
    write(mine);
  });
  window.addEventListener("beforeunload", (event) => {
    if (waiting.size || sending || sheet()?.querySelector("td[data-typed]")) event.preventDefault();
  });
  function ready() {
    const box = sheet();
    if (box && !box.querySelector("td[data-cell][tabindex='0']")) box.querySelector("td[data-cell]")?.setAttribute("tabindex", "0");
  }
  ready();
})();
