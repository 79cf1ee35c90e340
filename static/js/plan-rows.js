// Whole rows of the plan's table: new ones, chosen ones, and what is done to all that are chosen.
(function () {
  "use strict";
  const sheet = window.planSheet;
  if (!sheet) return;
  const { rows, columns, find, cellOf, go, beside, nameOf, pk, drop, failed, drafts, open, key, seen, cursor } = sheet.grid;
  const TYPED = new Set(["name", "days", "start", "percent", "predecessors", "calendar", "constraint", "resources"]);
  const chosen = new Set(); // keys of rows
  let anchor = null;
  let count = 0;

  // ---- new rows: there at once, saved with their name
  sheet.insert = (below) => {
    const row = `new-${Date.now().toString(36)}-${++count}`;
    const above = find(below);
    const holds = above.classList.contains("group") || above.classList.contains("summary");
    drafts.set(row, { below: String(sheet.known(below)), level: Number(/level-(\d+)/.exec(above.className)?.[1] || 0) + holds });
    sheet.draw(row);
    go(find(row).cells[0]);
    open(find(row).cells[0], "");
  };
  sheet.draw = (row) => {
    const { below, level } = drafts.get(row);
    const line = document.createElement("tr");
    line.className = `level-${level}`;
    line.dataset.row = row;
    line.dataset.edits = "";
    for (const field of columns()) {
      const cell = document.createElement(field === "name" ? "th" : "td");
      if (TYPED.has(field)) cell.dataset.f = field;
      line.append(cell);
    }
    find(below)?.after(line);
  };

  // ---- choosing: Space, Shift with the arrows, Ctrl or Shift with a click
  const able = (row) => find(row) && "edits" in find(row).dataset && !find(row).classList.contains("group") && !drafts.has(row);
  function mark() {
    for (const row of rows()) {
      if (chosen.has(row.dataset.row)) row.setAttribute("aria-selected", "true");
      else row.removeAttribute("aria-selected");
    }
    for (const row of chosen) if (!find(row)) chosen.delete(row);
    const bar = document.getElementById("plan-many");
    if (bar) {
      bar.hidden = chosen.size < 2;
      bar.querySelector("b").textContent = String(chosen.size);
    }
  }
  sheet.choose = (row) => {
    anchor = row;
    if (!able(row)) return;
    if (!chosen.delete(row)) chosen.add(row);
    mark();
  };
  sheet.chooseNone = () => {
    chosen.clear();
    anchor = null;
    mark();
  };
  function span(from, to) {
    const all = rows().map((row) => row.dataset.row);
    const [a, b] = [all.indexOf(from), all.indexOf(to)].sort((one, other) => one - other);
    chosen.clear();
    for (const row of all.slice(Math.max(0, a), b + 1)) if (able(row)) chosen.add(row);
    mark();
  }
  sheet.extend = (down) => {
    const here = cursor();
    anchor ??= here.row;
    go(beside(cellOf(here.row, here.column), down, 0));
    span(anchor, cursor().row);
  };
  // The rows that a command is about: those chosen, or that of the cursor; in the order of the plan.
  function meant() {
    const here = cursor()?.row;
    const all = chosen.size > 1 ? rows().map((row) => row.dataset.row).filter((row) => chosen.has(row)) : [here];
    return all.filter(able);
  }

  // ---- what is done to them: one batch, one step of undo
  async function act(ops, agree = "") {
    if (!ops.length) return { ok: false };
    const answer = await sheet.send(ops, () => {}, agree);
    if (answer.ok) return answer;
    const { message, op } = answer.problems[0];
    if (answer.agree && !agree) return (await sheet.agrees(answer)) ? act(ops, answer.agree) : answer;
    const who = ops.length > 1 ? `${nameOf(String(ops[op]?.activity))}: ` : "";
    const more = answer.problems.length > 1 ? ` (and ${answer.problems.length - 1} more). Nothing was changed.` : "";
    sheet.toast(`${who}${message}${more}`, "bad");
    return answer;
  }
  sheet.shift = (kind) => act(meant().map((row) => ({ do: kind, activity: pk(row) })));
  sheet.remove = async () => {
    const here = cursor().row;
    if (drafts.has(here)) return drop(here);
    const gone = meant();
    const after = rows().map((row) => row.dataset.row).filter((row) => !gone.includes(row));
    const next = after[Math.min(after.length - 1, rows().findIndex((row) => row.dataset.row === gone[0]))];
    const what = gone.length > 1 ? `these ${gone.length} rows` : `“${nameOf(gone[0])}”`;
    if (!gone.length || !confirm(`Take ${what} out of the plan, with all links? Ctrl Z puts it back.`)) return;
    // From the last one up, so that a summary is empty when its turn comes.
    const answer = await act(gone.reverse().map((row) => ({ do: "remove", activity: pk(row) })));
    if (answer.ok) go(cellOf(next, 0));
  };
  async function setAll(form) {
    const field = form.elements.field.value;
    const value = form.elements.value.value;
    const meantRows = meant().filter((row) => !find(row).classList.contains("summary"));
    const answer = await act(meantRows.map((row) => (field === "assign" ? { do: "assign", activity: pk(row), value } : { do: "set", activity: pk(row), field, value, was: seen(row, field) })));
    if (answer.ok) return;
    for (const problem of answer.problems || []) {
      const row = meantRows[problem.op];
      const cell = cellOf(row, columns().indexOf(field)); // none for what is put besides others: its text is not the cell's
      if (!cell || problem.field !== field) continue;
      failed.set(key(row, field), { text: value, message: problem.message });
      cell.classList.add("failed");
    }
  }

  document.addEventListener("plan:arrives", mark);
  document.addEventListener("submit", (event) => {
    if (event.target.id !== "plan-many") return;
    event.preventDefault();
    setAll(event.target);
  });
  document.addEventListener("click", (event) => {
    const at = event.target instanceof Element ? event.target : null;
    const kind = at?.closest("[data-plan-do]")?.dataset.planDo;
    if (kind === "undo" || kind === "redo") return void sheet.undo(kind === "redo");
    if (kind === "remove") return void sheet.remove();
    if (kind === "none") return sheet.chooseNone();
    if (kind) return void sheet.shift(kind);
    const cell = at?.closest("#plan .gantt-part tbody :is(th, td)");
    if (!cell || !document.getElementById("plan").dataset.edit || at.closest("input, button")) return;
    const row = cell.parentElement.dataset.row;
    const many = event.ctrlKey || event.metaKey;
    if (at.closest("a") && !event.shiftKey) return;
    if (event.shiftKey) {
      event.preventDefault();
      span(anchor ?? cursor()?.row ?? row, row);
    } else if (many) {
      if (cursor() && !chosen.size && cursor().row !== row) sheet.choose(cursor().row);
      sheet.choose(row);
    } else {
      sheet.chooseNone();
      anchor = row;
    }
    go(cell, false);
  });
})();
