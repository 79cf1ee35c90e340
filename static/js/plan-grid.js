// The plan's table by keyboard: a cursor over its cells, editors in them, new rows, undo. plan-save.js sends.
(function () {
  "use strict";
  const sheet = window.planSheet;
  const waiting = new Map(); // "row/field" -> text that is on its way
  const failed = new Map(); // "row/field" -> { text, message, agree }
  const drafts = new Map(); // key of a new row -> { below, project, level }
  let cursor = null; // { row, column }
  let editor = null; // { row, field, column, input, was, shown }

  const plan = () => document.getElementById("plan");
  const rows = () => [...plan().querySelectorAll(".gantt-part tbody tr[data-row]")];
  const key = (row, field) => `${sheet.known(row)}/${field}`;
  const find = (row) => plan().querySelector(`tr[data-row="${CSS.escape(String(sheet.known(row)))}"]`) || plan().querySelector(`tr[data-row="${CSS.escape(String(row))}"]`);
  const cellOf = (row, column) => find(row)?.cells[column];
  const pk = (row) => (/^\d+$/.test(row) ? Number(row) : row);
  const columns = () => [...plan().querySelectorAll(".gantt-head col")].map((one) => one.className.slice(2));
  const fixed = () => "fixed" in plan().dataset; // rows neither come nor go here
  const nameOf = (row) => find(row)?.cells[0].title || "the new row";

  // ---- the cursor: one cell in the tab order
  function go(cell, scroll = true) {
    if (!cell) return false;
    for (const old of plan().querySelectorAll(".gantt-part [tabindex='0']")) if (old !== cell) old.tabIndex = -1;
    cell.tabIndex = 0;
    cursor = { row: cell.parentElement.dataset.row, column: cell.cellIndex };
    cell.focus({ preventScroll: true });
    if (scroll) reveal(cell);
    return true;
  }
  // The head sticks to the top of the box: a cell under it is not seen.
  function reveal(cell) {
    const box = plan().querySelector(".gantt");
    const head = plan().querySelector(".gantt-head").offsetHeight;
    const [at, frame] = [cell.getBoundingClientRect(), box.getBoundingClientRect()];
    if (at.top < frame.top + head) box.scrollTop -= frame.top + head - at.top;
    else if (at.bottom > frame.bottom - 14) box.scrollTop += at.bottom - frame.bottom + 14;
    if (box.classList.contains("wide")) cell.scrollIntoView({ inline: "nearest", block: "nearest" });
  }
  function beside(cell, down, right) {
    if (right) return cell.parentElement.cells[Math.max(0, cell.cellIndex + right)] || cell;
    const all = rows();
    const at = all.indexOf(cell.parentElement);
    return all[Math.min(all.length - 1, Math.max(0, at + down))].cells[cell.cellIndex];
  }
  function ready() {
    if (!plan() || plan().querySelector(".gantt-part [tabindex='0']")) return;
    const first = plan().querySelector(".gantt-part tbody tr[data-row] > th");
    if (first) first.tabIndex = 0;
  }

  // ---- editors; what a cell held is kept while something else is laid over it
  const originals = new WeakMap();
  function remember(cell) {
    const text = cell.dataset.f === "name" ? cell.title : cell.textContent.replace(/^—$/, "");
    const original = { nodes: [...cell.childNodes], text };
    originals.set(cell, original);
    return original;
  }
  function lay(cell, text, css) {
    if (!originals.has(cell)) remember(cell);
    cell.textContent = text;
    cell.classList.remove("saving", "failed");
    cell.classList.add(css);
  }
  function open(cell, text = null) {
    const field = cell?.dataset.f;
    if (!field || cell.classList.contains("editing")) return;
    const row = cell.parentElement.dataset.row;
    const bad = failed.get(key(row, field));
    const original = originals.get(cell) || remember(cell);
    const shown = original.text;
    const input = document.createElement("input");
    input.value = text ?? bad?.text ?? shown;
    input.setAttribute("aria-label", `${plan().querySelectorAll(".gantt-part thead th")[cell.cellIndex].textContent} of ${nameOf(row)}`);
    cell.replaceChildren(input);
    cell.classList.add("editing");
    cell.classList.remove("failed");
    const was = drafts.has(row) ? null : cell.dataset.was ?? shown; // of a row that is not saved yet nobody has seen anything
    editor = { row, field, column: cell.cellIndex, input, was, shown };
    cursor = { row, column: cell.cellIndex };
    if (bad) tell(cell, input, bad);
    input.focus({ preventScroll: true });
    reveal(cell);
    if (text === null) input.select();
  }
  function tell(cell, input, bad) {
    const says = document.createElement("div");
    says.className = "cell-says";
    says.id = "plan-cell-says";
    says.setAttribute("role", "alert");
    says.textContent = bad.message;
    if (bad.held) says.append(sheet.listed(bad.held));
    if (bad.agree) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "button small";
      button.textContent = "Save all the same";
      button.addEventListener("click", () => commit(0, 0));
      says.append(document.createElement("br"), button);
    }
    input.setAttribute("aria-invalid", "true");
    input.setAttribute("aria-describedby", says.id);
    cell.append(says);
    sheet.float(says);
  }
  function close(text = null) {
    const { row, column } = editor;
    editor = null;
    const cell = cellOf(row, column);
    if (!cell) return null;
    cell.classList.remove("editing");
    if (text === null) {
      cell.replaceChildren(...originals.get(cell).nodes);
      originals.delete(cell);
    } else lay(cell, text, "saving");
    return cell;
  }
  function give_up() {
    const { row, field } = editor;
    failed.delete(key(row, field));
    if (drafts.has(row) && field === "name" && !waiting.has(key(row, "name"))) return drop(row);
    go(close());
  }
  function drop(row) {
    const { below } = drafts.get(row);
    drafts.delete(row);
    editor = null;
    const gone = find(row);
    const to = find(below)?.cells[0] || gone?.previousElementSibling?.cells[0];
    gone?.remove();
    go(to);
  }

  // Save what was typed and move on by so many rows and columns; the answer may take its time.
  function commit(down, right) {
    const { row, field, column, input, was, shown } = editor;
    const value = input.value;
    const bad = failed.get(key(row, field));
    const draft = drafts.get(row);
    if (value.trim() === shown && !bad && !(draft && field === "name")) {
      move(close(), down, right);
      return;
    }
    if (draft && field === "name" && !value.trim()) return drop(row);
    failed.delete(key(row, field));
    waiting.set(key(row, field), value);
    move(close(value), down, right);
    const starts = draft && field === "name" && !draft.sent;
    let op = { do: "set", activity: pk(row), field, value, was };
    if (starts) {
      op = { do: "add", key: row, cells: { name: value } };
      if (draft.below[0] === "p") op.project = Number(draft.below.slice(1));
      else op.below = pk(draft.below);
      draft.sent = true;
    }
    const settle = (answer) => {
      waiting.delete(key(row, field));
      waiting.delete(`${row}/${field}`);
      if (answer.ok && starts) drafts.delete(row);
      if (!answer.ok) {
        if (starts) draft.sent = false;
        failed.set(key(row, field), { text: value, message: answer.problems[0].message, agree: answer.agree, held: answer.held });
      }
    };
    sheet.send([op], settle, bad?.agree).then((answer) => {
      if (!answer.ok) refuse(row, column, value, answer.problems[0].message);
    });
  }
  function refuse(row, column, text, message) {
    const cell = cellOf(row, column);
    if (cell) lay(cell, text, "failed");
    if (cell && !editor && (plan().contains(document.activeElement) || document.activeElement === document.body)) open(cell);
    else sheet.toast(message, "bad");
  }
  function move(cell, down, right) {
    if (!cell) return;
    if (!right) return go(beside(cell, down, 0));
    let next = cell;
    do next = right > 0 ? next.nextElementSibling : next.previousElementSibling;
    while (next && !next.dataset.f);
    go(next || cell);
  }

  // ---- a fresh plan takes the place of the old one: cursor, editor and what is on its way stay
  let held = null;
  document.addEventListener("plan:leaves", () => {
    const focused = plan().contains(document.activeElement);
    held = { cursor, focused, editor: null };
    if (editor) {
      const { input } = editor;
      held.editor = { ...editor, value: input.value, from: input.selectionStart, to: input.selectionEnd };
      editor = null;
    }
  });
  document.addEventListener("plan:arrives", () => {
    for (const row of drafts.keys()) if (sheet.known(row) === row) sheet.draw(row);
    const index = columns();
    const mark = (map, name) => {
      for (const [id, one] of map) {
        const slash = id.lastIndexOf("/");
        const cell = cellOf(id.slice(0, slash), index.indexOf(id.slice(slash + 1)));
        if (cell) lay(cell, one.text ?? one, name);
      }
    };
    mark(waiting, "saving");
    mark(failed, "failed");
    ready();
    if (held?.editor) {
      const { row, column, value, from, to, was } = held.editor;
      open(cellOf(row, column), value);
      if (editor) {
        editor.was = was; // what she saw when she began, whoever was first meanwhile
        editor.input.setSelectionRange(from, to);
      }
      if (!editor) sheet.toast(`The row you were typing in is gone. You had typed: ${value}`, "bad");
    } else if (held?.focused && held.cursor) {
      go(cellOf(held.cursor.row, held.cursor.column) || rows()[0]?.cells[0], false);
    }
    held = null;
  });

  // ---- keys
  document.addEventListener("keydown", (event) => {
    if (!(event.target instanceof Element) || !plan()?.dataset.edit) return;
    const command = event.ctrlKey || event.metaKey;
    const letter = event.key.toLowerCase();
    if (editor && event.target === editor.input) {
      if (event.isComposing) return;
      const on = { Enter: [1, 0], Tab: [0, event.shiftKey ? -1 : 1] }[event.key];
      if (event.key === "Escape") give_up();
      else if (event.key === "Enter" && command) {
        const { row } = editor;
        commit(0, 0);
        if (!fixed()) sheet.insert(row);
      } else if (on) commit(...on);
      else return;
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    if (command && (letter === "z" || letter === "y") && !event.target.closest("input, textarea, select")) {
      event.preventDefault();
      sheet.undo(letter === "y" || event.shiftKey);
      return;
    }
    const cell = event.target.closest(".gantt-part tbody :is(th, td)");
    if (!cell || event.target !== cell) return;
    const line = cell.parentElement;
    const row = line.dataset.row;
    const steps = { ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1], PageDown: [12, 0], PageUp: [-12, 0] };
    if (fixed() && (event.altKey || event.key === "Insert" || event.key === "Delete" || (event.key === "Enter" && command))) return;
    if (event.altKey && event.shiftKey && (event.key === "ArrowRight" || event.key === "ArrowLeft")) {
      sheet.shift(event.key === "ArrowRight" ? "indent" : "outdent");
    } else if (event.altKey) return;
    else if (!cell.cellIndex && !command && !event.shiftKey && /^Arrow(Left|Right)$/.test(event.key) && window.planShow.arrow(line, event.key === "ArrowRight", (above) => go(above.cells[0])));
    else if (steps[event.key] && !command && !(event.shiftKey && steps[event.key][0])) go(beside(cell, ...steps[event.key]));
    else if (event.key === "Home") go(command ? rows()[0].cells[0] : line.cells[0]);
    else if (event.key === "End") go(command ? rows().at(-1).cells[0] : line.cells[line.cells.length - 1]);
    else if (event.key === "Insert" || (event.key === "Enter" && command)) {
      if (!("edits" in line.dataset)) return;
      sheet.insert(row);
    } else if (event.key === "Enter" || event.key === "F2") {
      if (cell.dataset.f) open(cell);
      else line.querySelector("a[href]")?.click();
    } else if (event.key === "Delete") {
      if (!("edits" in line.dataset) || line.classList.contains("group")) return;
      sheet.remove();
    } else if (event.key === " " && !command) sheet.choose(row);
    else if (event.shiftKey && (event.key === "ArrowDown" || event.key === "ArrowUp")) sheet.extend(event.key === "ArrowDown" ? 1 : -1);
    else if (event.key === "Escape") sheet.chooseNone();
    else if (event.key.length === 1 && !command && cell.dataset.f && event.key !== " ") open(cell, event.key);
    else return;
    event.preventDefault();
  });

  // ---- the mouse: one click puts the cursor, two edit; leaving a cell saves what was typed
  document.addEventListener("dblclick", (event) => {
    const cell = event.target instanceof Element ? event.target.closest("#plan [data-f]") : null;
    if (cell && !event.target.closest("a, input, button")) open(cell);
  });
  document.addEventListener("focusout", (event) => {
    if (!editor || event.target !== editor.input || !document.hasFocus()) return;
    if (event.relatedTarget instanceof Node && cellOf(editor.row, editor.column)?.contains(event.relatedTarget)) return;
    if (failed.has(key(editor.row, editor.field))) return; // its sentence is still being read
    const next = event.relatedTarget;
    commit(0, 0);
    if (next instanceof HTMLElement && next.isConnected) next.focus();
  });
  // What a cell of a row holds as it was last shown, also where its column is not.
  function seen(row, field) {
    const cell = cellOf(row, columns().indexOf(field));
    const hidden = (plan().dataset.seen || "").split(" ").indexOf(field); // its place in what each row says of them
    if (!cell) return JSON.parse(find(row)?.dataset.seen || "[]")[hidden] ?? undefined;
    return cell.dataset.was ?? (originals.get(cell) ?? remember(cell)).text;
  }
  // Asked before the page is left: what is on its way or was refused would be lost, and so would what is being typed.
  window.addEventListener("beforeunload", (event) => {
    if (waiting.size || failed.size || (editor && editor.input.value !== editor.shown)) event.preventDefault();
  });
  sheet.grid = { rows, columns, find, cellOf, go, beside, nameOf, pk, drop, failed, drafts, open, key, seen, cursor: () => cursor };
  ready();
})();
