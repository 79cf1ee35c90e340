// Rows from a spreadsheet: read, shown with what each column means, and added all together; faults stand at their row.
(function () {
  "use strict";
  const sheet = window.planSheet;
  const dialog = document.getElementById("plan-paste");
  if (!sheet?.grid || !dialog) return;
  const { cursor, find, pk, rows } = sheet.grid;
  const form = document.getElementById("plan-paste-form");
  const said = document.getElementById("plan-paste-said");
  const place = document.getElementById("plan-paste-rows");
  const button = form.querySelector("button.primary");
  const FIELDS = { "": "not used", name: "Name", code: "Code", days: "Duration", start: "Start", percent: "Percent", predecessors: "Predecessors", calendar: "Calendar", constraint: "Constraint", resources: "Resources", level: "Level" };
  const KNOWN = {
    name: ["name", "task name", "activity", "activity name", "task", "title"],
    code: ["code", "activity id", "id", "wbs code"],
    days: ["days", "duration", "original duration", "length"],
    start: ["start", "start date", "start no earlier than"],
    percent: ["%", "percent", "percent complete", "% complete", "progress"],
    predecessors: ["predecessors", "predecessor", "depends on"],
    calendar: ["calendar", "task calendar"],
    constraint: ["constraint"],
    resources: ["resources", "resource names", "assigned to", "who", "who works on it"],
    level: ["level", "outline level"],
  };
  const BY_PLACE = ["name", "days", "predecessors", "start", "percent"];
  let block = { rows: [], fields: [] };
  let below = null;

  // Cells between tabs; a cell in quotes may hold line breaks, as spreadsheets copy them.
  function cells(text) {
    const found = [[""]];
    let quoted = false;
    for (let at = 0; at < text.length; at++) {
      const sign = text[at];
      const row = found.at(-1);
      if (quoted && sign === '"' && text[at + 1] === '"') row[row.length - 1] += text[++at];
      else if (quoted ? sign === '"' : sign === '"' && row.at(-1) === "") quoted = !quoted;
      else if (!quoted && sign === "\t") row.push("");
      else if (!quoted && sign === "\n") found.push([""]);
      else if (sign !== "\r") row[row.length - 1] += sign;
    }
    return found.filter((row) => row.some((cell) => cell.trim()));
  }
  function meaning(heading) {
    const words = heading.trim().toLowerCase();
    return Object.keys(KNOWN).find((field) => KNOWN[field].includes(words)) || "";
  }
  function read() {
    const found = cells(form.elements.text.value);
    const wide = Math.max(0, ...found.map((row) => row.length));
    const heads = (found[0] || []).map(meaning);
    const headed = heads.includes("name") && heads.filter(Boolean).length >= Math.min(2, wide);
    const fields = headed ? heads : BY_PLACE.slice(0, wide);
    while (fields.length < wide) fields.push("");
    block = { rows: headed ? found.slice(1) : found, fields };
    show([]);
  }
  function show(problems) {
    const { rows: lines, fields } = block;
    const told = new Map(problems.map((one) => [one.op, one]));
    place.replaceChildren();
    const usable = lines.length && fields.includes("name");
    button.disabled = !usable;
    button.textContent = lines.length ? `Add ${lines.length} ${lines.length === 1 ? "row" : "rows"}` : "Add the rows";
    if (!lines.length) return;
    const where = below && find(below) ? `below “${find(below).cells[0].title}”` : "";
    const numbers = fields.includes("predecessors") && !fields.includes("code") ? " Numbers of predecessors mean rows of this block." : "";
    if (!problems.length) said.textContent = usable ? `They are added ${where}.${numbers}` : "Say which column holds the name.";
    const table = document.createElement("table");
    table.className = "table tight";
    const head = table.createTHead().insertRow();
    head.insertCell().textContent = "#";
    fields.forEach((field, column) => {
      const choice = document.createElement("select");
      choice.setAttribute("aria-label", `What column ${column + 1} is`);
      for (const [value, label] of Object.entries(FIELDS)) choice.add(new Option(label, value, false, value === field));
      choice.addEventListener("change", () => {
        block.fields[column] = choice.value;
        show([]);
      });
      head.insertCell().append(choice);
    });
    const body = table.createTBody();
    lines.forEach((line, at) => {
      const problem = told.get(at);
      if (lines.length > 50 && at >= 50 && !problem) return;
      const row = body.insertRow();
      row.insertCell().textContent = String(at + 1);
      fields.forEach((field, column) => {
        const cell = row.insertCell();
        cell.textContent = line[column] || "";
        if (problem && (problem.field === field || (problem.field === "predecessor" && field === "predecessors"))) cell.className = "bad strong";
      });
      if (problem) {
        const says = body.insertRow().insertCell();
        says.colSpan = fields.length + 1;
        says.className = "bad";
        says.textContent = problem.message;
      }
    });
    place.append(table);
  }

  async function save() {
    const { rows: lines, fields } = block;
    const stamp = Date.now().toString(36);
    const alias = !fields.includes("code");
    const levels = [];
    const ops = lines.map((line, at) => {
      const cell = {};
      fields.forEach((field, column) => {
        if (field && field !== "level") cell[field] = (line[column] || "").trim();
      });
      const level = fields.indexOf("level");
      levels.push(level < 0 ? /^ */.exec(line[fields.indexOf("name")] || "")[0].length : Number(line[level]) || 1);
      const op = { do: "add", key: `p${stamp}-${at}`, cells: cell };
      if (alias) op.alias = String(at + 1);
      if (at) op.below = `p${stamp}-${at - 1}`;
      else if (String(below).startsWith("p")) op.project = Number(below.slice(1));
      else op.below = pk(below);
      return op;
    });
    // Levels, or the blanks before a name, become summaries: each row goes in as far as the one above allows.
    const open = [];
    const shifts = [];
    levels.forEach((level, at) => {
      while (open.length && open.at(-1) >= level) open.pop();
      for (let deep = 0; deep < open.length; deep++) shifts.push({ do: "indent", activity: ops[at].key });
      open.push(level);
    });
    button.disabled = true;
    let answer = await sheet.send([...ops, ...shifts], () => {});
    if (!answer.ok && answer.agree && (await sheet.agrees(answer))) answer = await sheet.send([...ops, ...shifts], () => {}, answer.agree);
    button.disabled = false;
    if (answer.ok) {
      form.reset();
      block = { rows: [], fields: [] };
      show([]);
      dialog.close();
      return;
    }
    const faults = answer.problems.length;
    said.textContent = answer.agree ? `${answer.problems[0].message} Nothing was added.` : `Nothing was added: ${faults} ${faults === 1 ? "row needs" : "rows need"} your eye. ${answer.problems[0].message}`;
    show(answer.agree ? [] : answer.problems);
  }
  function begin(text) {
    below = cursor()?.row ?? rows().at(-1)?.dataset.row;
    if (text) form.elements.text.value = text;
    read();
    if (!dialog.open) dialog.showModal();
    (text ? button : form.elements.text).focus();
  }

  form.elements.text.addEventListener("input", read);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    save();
  });
  document.addEventListener("click", (event) => {
    if (event.target instanceof Element && event.target.closest("[data-opens=plan-paste]")) begin("");
  });
  document.addEventListener("paste", (event) => {
    const at = event.target instanceof Element ? event.target : null;
    if (!document.getElementById("plan")?.dataset.edit || dialog.open) return;
    const text = event.clipboardData?.getData("text/plain") || "";
    const inEditor = at?.matches(".gantt .editing input");
    if (at?.closest("input, textarea, select") && !(inEditor && /[\t\n]./.test(text.trim()))) return;
    if (!cursor() || !text.trim()) return;
    event.preventDefault();
    begin(text);
  });
})();
