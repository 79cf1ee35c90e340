// Cells from a spreadsheet laid over those of a sheet whose rows stand fixed: one batch, all of them or none.
(function () {
  "use strict";
  const sheet = window.planSheet;
  if (!sheet?.grid) return;
  const { cursor, rows, cellOf, columns, failed, key, pk, seen, open } = sheet.grid;

  async function fill(text, agree = "") {
    const here = cursor();
    const all = rows();
    const begin = all.findIndex((row) => row.dataset.row === here.row);
    const fields = columns();
    const ops = [];
    const cut = text.replace(/\r?\n$/, "").split(/\r?\n/).map((line) => line.split("\t"));
    cut.forEach((line, down) => {
      const row = all[begin + down]?.dataset.row;
      line.forEach((value, right) => {
        const column = here.column + right;
        if (row && cellOf(row, column)?.dataset.f) ops.push({ do: "set", activity: pk(row), field: fields[column], value: value.trim(), was: seen(row, fields[column]) });
      });
    });
    if (!ops.length) return sheet.toast("Nothing here can be typed into: put the cursor on a cell that can.", "bad");
    const answer = await sheet.send(ops, () => {}, agree);
    if (answer.ok) return;
    if (answer.agree && !agree && confirm(`${answer.problems[0].message} Do it all the same?`)) return void fill(text, answer.agree);
    for (const problem of answer.problems) {
      const op = ops[problem.op];
      if (!op) continue;
      const cell = cellOf(String(op.activity), fields.indexOf(op.field));
      failed.set(key(String(op.activity), op.field), { text: op.value, message: problem.message });
      cell?.classList.add("failed");
    }
    const count = answer.problems.length;
    sheet.toast(`Nothing was pasted: ${count} ${count === 1 ? "cell needs" : "cells need"} your eye. ${answer.problems[0].message}`, "bad");
    const first = ops[answer.problems[0].op];
    if (first) open(cellOf(String(first.activity), fields.indexOf(first.field)));
  }

  document.addEventListener("paste", (event) => {
    const at = event.target instanceof Element ? event.target : null;
    const plan = document.getElementById("plan");
    if (!plan || !("fixed" in plan.dataset) || !cursor() || at?.closest("input, textarea, select, dialog")) return;
    const text = event.clipboardData?.getData("text/plain") || "";
    if (!text.trim()) return;
    event.preventDefault();
    fill(text);
  });
})();
