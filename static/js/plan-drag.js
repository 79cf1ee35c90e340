// Bars of the Gantt by pointer: sideways moves, the right end stretches, up or down onto another bar links. What would
// move is asked of the server and shown; only then, and when agreed to, it is saved.
(function () {
  "use strict";
  const sheet = window.planSheet;
  if (!sheet?.grid) return;
  const { find, nameOf, seen } = sheet.grid;
  const plan = () => document.getElementById("plan");
  let drag = null;
  let panel = null;

  const barOf = (group) => group.querySelector(".bar, .diamond");
  const groupAt = (x, y) => document.elementFromPoint(x, y)?.closest("#plan svg [data-key]");
  const editable = (group) => {
    const row = group && find(group.dataset.key);
    return row && "edits" in row.dataset && !row.matches(".group, .summary");
  };
  // The day at a place of the drawing, in pixels from its left edge, as 2026-11-06.
  function day(pixels) {
    const first = new Date(`${plan().dataset.first}T00:00:00Z`);
    first.setUTCDate(first.getUTCDate() + Math.floor(pixels / Number(plan().dataset.day) + 1e-6));
    return first.toISOString().slice(0, 10);
  }

  function begin(event) {
    if (event.button || !plan()?.dataset.edit) return;
    const group = event.target instanceof Element && event.target.closest("#plan svg [data-key]");
    const shape = group && barOf(group);
    if (!shape || !editable(group) || !event.target.closest(".bar, .done, .diamond")) return;
    const box = shape.getBoundingClientRect();
    const stretch = shape.matches(".bar") && box.right - event.clientX < Math.min(8, box.width / 3);
    close();
    drag = { group, shape, box, x: event.clientX, y: event.clientY, kind: stretch ? "stretch" : "", moved: false };
  }
  function over(event) {
    if (!drag || drag.done) return;
    const [dx, dy] = [event.clientX - drag.x, event.clientY - drag.y];
    if (!drag.kind && Math.hypot(dx, dy) > 5) drag.kind = Math.abs(dy) > Math.abs(dx) ? "link" : "move";
    if (!drag.kind || (!drag.moved && Math.hypot(dx, dy) <= 3)) return;
    drag.moved = true;
    event.preventDefault();
    mark(event, dx);
  }
  // What is dragged is drawn over the chart: a ghost bar, or a line to the bar that would wait.
  function mark(event, dx) {
    const svg = drag.group.ownerSVGElement;
    const at = svg.getBoundingClientRect();
    if (!drag.ghost) {
      drag.ghost = document.createElementNS(svg.namespaceURI, drag.kind === "link" ? "line" : "rect");
      drag.ghost.setAttribute("class", "dragged");
      svg.append(drag.ghost);
    }
    const set = (values) => Object.entries(values).forEach(([name, value]) => drag.ghost.setAttribute(name, String(value)));
    const [left, top] = [drag.box.left - at.left, drag.box.top - at.top];
    if (drag.kind === "link") {
      set({ x1: left + drag.box.width, y1: top + drag.box.height / 2, x2: event.clientX - at.left, y2: event.clientY - at.top });
      plan().querySelectorAll(".drop-here").forEach((one) => one.classList.remove("drop-here"));
      const target = groupAt(event.clientX, event.clientY);
      drag.target = editable(target) && target !== drag.group ? target : null;
      drag.target?.classList.add("drop-here");
      return;
    }
    const px = Number(plan().dataset.day);
    drag.days = Math.round(dx / px);
    const by = drag.days * px;
    if (drag.kind === "move") set({ x: left + by, y: top, width: drag.box.width, height: drag.box.height, rx: 2 });
    else set({ x: left, y: top, width: Math.max(2, drag.box.width + by), height: drag.box.height, rx: 2 });
  }
  function end(event) {
    if (!drag || drag.done) return;
    const { kind, moved, group, box, days, target } = drag;
    if (!moved) {
      drag = null;
      return;
    }
    drag.done = true;
    const svg = group.ownerSVGElement.getBoundingClientRect();
    const activity = Number(group.dataset.key);
    const name = nameOf(group.dataset.key);
    if (kind === "link" && target) {
      ask({ do: "link", activity: Number(target.dataset.key), predecessor: activity }, `${nameOf(target.dataset.key)} waits for ${name}.`, event);
    } else if (kind === "move" && days) {
      const middle = barOf(group).matches(".diamond") ? box.width / 2 : 0;
      const value = day(box.left - svg.left + middle + days * Number(plan().dataset.day));
      ask({ do: "set", activity, field: "start", value, was: seen(group.dataset.key, "start") }, `${name} starts no earlier than ${value}.`, event);
    } else if (kind === "stretch" && days) {
      const value = day(box.right - svg.left - 0.5 + days * Number(plan().dataset.day));
      ask({ do: "set", activity, field: "finish", value, was: seen(group.dataset.key, "finish") }, `${name} lasts until ${value}.`, event);
    } else close();
  }

  // ---- what would move, and the question
  async function ask(op, title, event) {
    const box = plan().querySelector(".gantt");
    panel = document.createElement("div");
    panel.className = "card drag-panel";
    panel.setAttribute("role", "dialog");
    panel.setAttribute("aria-label", "What would move");
    const head = document.createElement("b");
    head.textContent = title;
    const list = document.createElement("ul");
    list.setAttribute("role", "status");
    list.append(item("Working out what would move…"));
    const buttons = document.createElement("div");
    buttons.className = "buttons";
    panel.append(head, list, buttons);
    // Under the chart's box, so that no inline style is needed to place it.
    box.after(panel);
    const mine = panel;
    buttons.append(button("Cancel", "", close));
    const answer = await sheet.send([op], () => {}, "", true);
    if (panel !== mine) {
      // Somebody else was first: the plan is drawn anew, with theirs, and the panel went with the old one.
      if (!answer.ok && answer.html) sheet.toast(answer.problems[0].message, "bad");
      return;
    }
    if (!answer.ok) {
      list.replaceChildren(item(answer.problems[0].message));
      list.className = "bad";
      buttons.lastChild.focus();
      return;
    }
    list.replaceChildren(...(answer.tried || [answer.words]).map(item));
    const save = button("Save", "primary", async () => {
      close();
      const saved = await sheet.send([op], () => {}, answer.agree);
      if (!saved.ok) sheet.toast(saved.problems[0].message, "bad");
    });
    buttons.prepend(save);
    save.focus();
  }
  function item(text) {
    const line = document.createElement("li");
    line.textContent = text;
    return line;
  }
  function button(text, css, act) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = `button small ${css}`;
    made.textContent = text;
    made.addEventListener("click", act);
    return made;
  }
  function close() {
    panel?.remove();
    panel = null;
    drag?.ghost?.remove();
    plan()?.querySelectorAll(".drop-here").forEach((one) => one.classList.remove("drop-here"));
    drag = null;
  }

  document.addEventListener("pointerdown", begin);
  document.addEventListener("pointermove", over);
  document.addEventListener("pointerup", end);
  document.addEventListener("pointercancel", close);
  document.addEventListener("dragstart", (event) => {
    if (drag && event.target instanceof Element && event.target.closest("#plan svg")) event.preventDefault(); // a bar is a link
  });
  document.addEventListener(
    "click",
    (event) => {
      if (drag?.moved && event.target instanceof Element && event.target.closest("#plan svg")) {
        event.preventDefault();
        event.stopPropagation();
      }
    },
    true,
  );
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && (panel || drag)) close();
  });
  document.addEventListener("plan:leaves", close);
})();
