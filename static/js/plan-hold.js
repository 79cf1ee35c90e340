// Before something is saved that moves committed milestones: which, from when to when; agree, or take it back.
(function () {
  "use strict";
  const sheet = window.planSheet;
  if (!sheet) return;
  const add = (to, tag, text = "", css = "") => {
    const made = document.createElement(tag);
    made.textContent = text;
    if (css) made.className = css;
    to.append(made);
    return made;
  };
  // A table of the milestones that a refused edit would move.
  sheet.listed = (held) => {
    const box = document.createElement("div");
    const wrap = add(box, "div", "", "table-wrap");
    const table = add(wrap, "table", "", "table cards tight");
    const head = add(add(table, "thead"), "tr");
    for (const text of ["Milestone", "Now", "Then", "Moves", "Committed"]) add(head, "th", text).scope = "col";
    const body = add(table, "tbody");
    for (const one of held.rows) {
      const row = add(body, "tr");
      add(row, "th", one.label).scope = "row";
      for (const [label, text] of [["Now", one.before], ["Then", one.after], ["Moves", one.days], ["Committed", one.committed]]) {
        add(row, "td", text, label === "Moves" ? "bad" : "").dataset.label = label;
      }
    }
    const more = [held.more > 0 ? `and ${held.more} more milestones` : "", held.others > 0 ? `${held.others} other activities move as well` : ""];
    if (more.some(Boolean)) add(box, "p", `${more.filter(Boolean).join("; ")}.`, "note");
    return box;
  };
  // Under the cell, or above it where there is more room; always inside the window.
  function place_says() {
    const says = document.getElementById("plan-cell-says");
    if (!says?.parentElement) return;
    const cell = says.parentElement.getBoundingClientRect();
    const [wide, high] = [document.documentElement.clientWidth, window.innerHeight];
    const up = cell.bottom + says.offsetHeight > high - 8 && cell.top > high - cell.bottom;
    says.style.maxHeight = `${Math.max(80, (up ? cell.top : high - cell.bottom) - 12)}px`;
    says.style.left = `${Math.max(8, Math.min(cell.left, wide - says.offsetWidth - 8))}px`;
    says.style.top = `${up ? cell.top - says.offsetHeight : cell.bottom}px`;
  }
  document.addEventListener("scroll", place_says, true);
  window.addEventListener("resize", place_says);
  sheet.float = (says) => {
    says.popover = "manual"; // above everything, and never cut off by the scrolling box
    says.showPopover();
    place_says();
  };
  // Asks once for a whole batch; true where the person agrees.
  sheet.agrees = (answer) =>
    new Promise((done) => {
      const dialog = add(document.body, "dialog", "", "drawer");
      dialog.id = "plan-hold";
      dialog.setAttribute("aria-label", "What this moves");
      add(dialog, "h2", "Not saved yet");
      add(dialog, "p", answer.problems[0].message);
      if (answer.held) dialog.append(sheet.listed(answer.held));
      const buttons = add(dialog, "div", "", "form-actions");
      const back = add(buttons, "button", "Take it back", "button");
      const agree = add(buttons, "button", "Save all the same", "button danger");
      back.type = agree.type = "button";
      let agreed = false;
      agree.addEventListener("click", () => {
        agreed = true;
        dialog.close();
      });
      back.addEventListener("click", () => dialog.close());
      dialog.addEventListener("close", () => {
        dialog.remove();
        done(agreed);
      });
      dialog.showModal();
      back.focus();
    });
})();
