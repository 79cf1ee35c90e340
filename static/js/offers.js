// What fits is offered while people are named: in the cells of the plan, in the bar over chosen rows, and in forms.
// The arrow keys choose, Enter or Tab take what was chosen, or the offer that goes on as the name was begun. Offers are
// those of the name that the cursor stands in: who types on, or writes a name that nobody has, is not hindered.
(function () {
  "use strict";
  let input = null; // the field that names are typed into
  let list = null;
  let at = -1; // the offer that Enter takes
  let latest = 0; // the newest question: older answers come too late
  let timer = 0;

  // Where offers for a field come from; nothing for a field that names nobody.
  function source(field) {
    const plan = document.getElementById("plan");
    const cell = field.closest("#plan [data-f]");
    if (cell) return cell.dataset.f === "resources" && plan.dataset.people ? `${plan.dataset.people}?for=${encodeURIComponent(cell.parentElement.dataset.row)}` : "";
    const form = field.form;
    if (form?.id === "plan-many") {
      const named = field.name === "value" && ["resources", "assign"].includes(form.elements.field.value);
      const row = document.querySelector("#plan tr[aria-selected]");
      return named && row ? `${plan.dataset.people}?for=${encodeURIComponent(row.dataset.row)}` : "";
    }
    return "offers" in field.dataset ? form?.dataset.people || "" : "";
  }
  // The name that the cursor stands in: where it begins and ends in the text.
  function part() {
    const text = input.value;
    const caret = input.selectionStart ?? text.length;
    const begin = Math.max(text.lastIndexOf(";", caret - 1), text.lastIndexOf(",", caret - 1)) + 1;
    const rest = text.slice(caret).search(/[;,]/);
    const end = rest < 0 ? text.length : caret + rest;
    return { begin, end, words: text.slice(begin, end).trim() };
  }
  // The first of these texts that goes on as the words begin; -1: none does.
  const goes_on = (texts, words) => (words ? texts.findIndex((text) => text.toLowerCase().startsWith(words.toLowerCase())) : -1);
  const texts = () => [...list.children].map((line) => line.dataset.text);
  async function ask(field) {
    const from = source(field);
    const mine = ++latest;
    const { begin, words } = part();
    if (!from || !words || words.includes("[")) return close();
    let found = [];
    try {
      const response = await fetch(`${from}${from.includes("?") ? "&" : "?"}q=${encodeURIComponent(words)}`);
      if (response.ok) found = (await response.json()).offers;
    } catch {
      return; // offers are a help: without them one types
    }
    if (mine !== latest || input !== field || !field.isConnected || document.activeElement !== field) return;
    if (part().begin !== begin || part().words !== words) return; // typed on meanwhile: the next answer is on its way
    show(found, words, begin);
  }
  function show(found, words, begin) {
    close();
    const exact = found.some((one) => one.text.toLowerCase() === words.toLowerCase());
    if (!found.length || (exact && found.length === 1)) return;
    list = document.createElement("ul");
    list.className = "offers";
    list.id = "offers";
    list.dataset.begin = begin;
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", "What fits");
    found.forEach((one, place) => {
      const line = document.createElement("li");
      line.id = `offer-${place}`;
      line.setAttribute("role", "option");
      line.dataset.text = one.text;
      const note = document.createElement("span");
      note.className = "note inline";
      note.textContent = one.note;
      line.append(`${one.text} `, note);
      list.append(line);
    });
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-controls", list.id);
    input.setAttribute("aria-expanded", "true");
    input.after(list);
    mark(exact ? -1 : goes_on(texts(), words));
    list.scrollIntoView({ block: "nearest" });
  }
  function mark(place) {
    at = place;
    [...list.children].forEach((line, n) => line.setAttribute("aria-selected", String(n === at)));
    if (at >= 0) input.setAttribute("aria-activedescendant", `offer-${at}`);
    else input.removeAttribute("aria-activedescendant");
  }
  function close() {
    list?.remove();
    list = null;
    at = -1;
    input?.removeAttribute("aria-activedescendant");
    input?.setAttribute("aria-expanded", "false");
  }
  function take(place) {
    const text = list.children[place].dataset.text;
    const { begin, end } = part();
    const gap = begin ? " " : "";
    input.value = input.value.slice(0, begin) + gap + text + input.value.slice(end);
    const caret = begin + gap.length + text.length;
    input.setSelectionRange(caret, caret);
    latest++;
    close();
  }

  document.addEventListener("input", (event) => {
    const field = event.target;
    if (!(field instanceof HTMLInputElement) || !source(field)) return;
    if (input !== field) close();
    input = field;
    if (list) {
      const { begin, words } = part();
      const place = Number(list.dataset.begin) === begin ? goes_on(texts(), words) : -1;
      if (place < 0) close();
      else mark(place);
    }
    clearTimeout(timer);
    timer = setTimeout(() => ask(field), 120);
  });
  // Before the grid's own keys, which save and move on.
  document.addEventListener(
    "keydown",
    (event) => {
      if (!list?.isConnected || event.target !== input || event.isComposing) return;
      if (part().begin !== Number(list.dataset.begin)) return close(); // the cursor went to another name
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      const many = list.children.length;
      if (step) mark((at + step + many + (at < 0 && step < 0 ? 1 : 0)) % many);
      else if (event.key === "Escape") close();
      else if ((event.key === "Enter" || event.key === "Tab") && at >= 0 && !event.ctrlKey) take(at);
      else return;
      event.preventDefault();
      event.stopImmediatePropagation();
    },
    true,
  );
  for (const kind of ["pointerdown", "mousedown", "click"]) {
    document.addEventListener(
      kind,
      (event) => {
        const line = event.target instanceof Element && event.target.closest(".offers li");
        if (!line || !list) return;
        event.preventDefault(); // the field keeps the focus
        event.stopPropagation();
        if (kind === "click") take([...list.children].indexOf(line));
      },
      true,
    );
  }
  document.addEventListener("focusout", (event) => {
    if (event.target !== input) return;
    latest++;
    clearTimeout(timer);
    close();
  });
})();
