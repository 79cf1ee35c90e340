// The frame's behaviour: theme, folding navigation, dialogs, the palette, toasts, busy line.
// Everything is delegated from the document, so swapped fragments need no set-up and no inline script.
(function () {
  "use strict";
  const root = document.documentElement;
  const byId = (id) => document.getElementById(id);

  // ---- the keys of this machine
  if (!/Mac|iPhone|iPad/.test(navigator.platform)) {
    for (const key of document.querySelectorAll(".kbd")) key.textContent = key.textContent.replace("⌘", "Ctrl ");
  }

  // ---- theme: kept in a cookie, so that the server renders it from the next page on
  function setTheme(theme) {
    if (theme) root.setAttribute("data-theme", theme);
    else root.removeAttribute("data-theme");
    const secure = location.protocol === "https:" ? "; Secure" : "";
    const age = theme ? 31536000 : 0;
    document.cookie = `theme=${theme}; Path=/; Max-Age=${age}; SameSite=Lax${secure}`;
    for (const choice of document.querySelectorAll("[data-theme-choice]")) {
      choice.setAttribute("aria-pressed", String(choice.dataset.themeChoice === theme));
    }
  }

  // ---- where one is stands in sight, however long the navigation
  const nav = byId("nav"), here = nav && nav.querySelector("[aria-current]");
  if (here && here.offsetTop + here.offsetHeight > nav.clientHeight) nav.scrollTop = here.offsetTop - nav.clientHeight / 2;

  // ---- what is unfolded in the navigation: kept in a cookie, so that the next page comes that way
  document.addEventListener("toggle", (event) => {
    if (!(event.target instanceof Element) || !event.target.matches(".nav-more")) return;
    const open = [...document.querySelectorAll(".nav-more[open]")].map((one) => one.dataset.group).join(".");
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `nav-more=${open}; Path=/; Max-Age=${open ? 31536000 : 0}; SameSite=Lax${secure}`;
  }, true);

  // ---- dialogs: <button data-opens="id">; a drawer is filled by htmx and opens by itself
  function open(dialog) {
    if (!dialog || dialog.open) return;
    dialog.showModal();
    if (dialog.id === "palette") {
      const field = dialog.querySelector("input");
      field.select();
      field.dispatchEvent(new Event("palette-open"));
    }
  }

  document.addEventListener("click", (event) => {
    const at = event.target instanceof Element ? event.target : null;
    if (!at) return;
    const theme = at.closest("[data-theme-choice]");
    if (theme) return setTheme(theme.dataset.themeChoice);
    const opener = at.closest("[data-opens]");
    if (opener) {
      opener.closest("details.pop")?.removeAttribute("open");
      return open(byId(opener.dataset.opens));
    }
    if (at.closest("[data-closes]")) return at.closest("dialog")?.close();
    if (at.closest("[data-dismiss]")) return at.closest(".toast, .notice")?.remove();
    const toggle = at.closest("[data-toggles]");
    if (toggle) {
      const shown = byId(toggle.dataset.toggles).classList.toggle("open");
      toggle.setAttribute("aria-expanded", String(shown));
      return;
    }
    if (at instanceof HTMLDialogElement && at.matches(".palette, .drawer")) at.close(); // a click on the backdrop
    for (const pop of document.querySelectorAll("details.pop[open]")) {
      if (!pop.contains(at)) pop.removeAttribute("open");
    }
  });

  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "k") {
      const palette = byId("palette");
      if (!palette) return;
      event.preventDefault();
      if (palette.open) palette.close();
      else open(palette);
      return;
    }
    if (event.key === "Escape") {
      const pop = document.querySelector("details.pop[open]");
      if (pop) {
        pop.removeAttribute("open");
        pop.querySelector("summary").focus();
      }
    }
  });

  // ---- palette: up and down choose, Enter goes
  byId("palette")?.addEventListener("keydown", (event) => {
    if (event.key === "Escape") return event.currentTarget.close(); // a search field would only empty itself
    const links = [...event.currentTarget.querySelectorAll(".palette-results a")];
    if (!links.length) return;
    const now = links.findIndex((link) => link.hasAttribute("aria-current"));
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const next = (now + (event.key === "ArrowDown" ? 1 : now < 0 ? 0 : -1) + links.length) % links.length;
      links[now]?.removeAttribute("aria-current");
      links[next].setAttribute("aria-current", "true");
      links[next].scrollIntoView({ block: "nearest" });
    } else if (event.key === "Enter" && event.target.matches("input")) {
      event.preventDefault();
      (links[now] || links[0]).click();
    }
  });

  // ---- toasts: the answer's header HX-Trigger: {"toast": {"text": "Saved", "kind": "good|warning|bad"}}
  function toast(text, kind) {
    const region = byId("toasts");
    if (!region || !text) return;
    const box = document.createElement("div");
    box.className = `toast ${kind || ""}`.trim();
    const words = document.createElement("span");
    words.textContent = text;
    const close = document.createElement("button");
    close.type = "button";
    close.dataset.dismiss = "";
    close.setAttribute("aria-label", "Dismiss");
    close.textContent = "✕";
    box.append(words, close);
    region.append(box);
    if (kind !== "bad") setTimeout(() => box.remove(), 8000);
  }

  document.addEventListener("office:toast", (event) => toast(event.detail.text, event.detail.kind));

  // Read from the response itself: the element that asked may be gone after the swap, and its events with it.
  document.addEventListener("htmx:before:response", (event) => {
    const headers = event.detail.ctx.response?.headers;
    const header = headers?.get("HX-Trigger");
    if (!header || headers.get("HX-Redirect") || header[0] !== "{") return;
    let said = null;
    try {
      said = JSON.parse(header).toast;
    } catch {
      return;
    }
    if (typeof said === "string") toast(said, "");
    else if (said) toast(said.text, said.kind);
  });

  // An answer that is lost or broken may be the answer to something that was saved; who only reads changes nothing.
  function whatIsKnown(context) {
    const reads = (context.request?.method || "GET").toUpperCase() === "GET";
    return reads ? "Nothing was changed." : "Load the page anew to see whether it was saved.";
  }

  // ---- failures: a whole page (sign-in, an error page) never lands inside a fragment
  document.addEventListener("htmx:before:swap", (event) => {
    const context = event.detail.ctx;
    const status = context.response?.status;
    if (!status) return;
    if (status >= 500 || status === 429) {
      event.preventDefault();
      toast(status === 429 ? "Too many requests. Wait a moment and try again." : `The server could not do this. ${whatIsKnown(context)}`, "bad");
    } else if (status >= 400 && /^\s*<!doctype/i.test(context.text || "")) {
      event.preventDefault();
      toast(status === 404 ? "This is not there, or not for you to see." : "You may not do this.", "bad");
    }
  });
  document.addEventListener("htmx:error", (event) => {
    const context = event.detail.ctx;
    if (context && !context.response) toast(`The server did not answer. ${whatIsKnown(context)}`, "bad");
  });

  // ---- drawer: whatever is swapped into #drawer-body opens it; an empty answer closes it
  document.addEventListener("htmx:after:swap", (event) => {
    const target = event.detail.ctx?.target;
    if (target?.id !== "drawer-body") return;
    const drawer = byId("drawer");
    if (target.childElementCount) open(drawer);
    else if (drawer.open) drawer.close();
  });

  // ---- busy line: shown by CSS after 200 ms
  let running = 0;
  document.addEventListener("htmx:before:request", () => root.classList.toggle("busy", ++running > 0));
  document.addEventListener("htmx:finally:request", () => root.classList.toggle("busy", (running = Math.max(0, running - 1)) > 0));

  // ---- Gantt: one scrolling box (head and table stick to it, so nothing must be kept in step); it opens at a place
  // in time, the status date as a rule, and returns to where one was after a filter
  const place = (box) => `gantt:${location.pathname}:${box.dataset.scrollKey || ""}`;
  for (const box of document.querySelectorAll("[data-scroll-start]")) {
    const kept = sessionStorage.getItem(place(box));
    box.scrollLeft = Number(kept ?? box.dataset.scrollStart) || 0;
    box.addEventListener("scrollend", () => sessionStorage.setItem(place(box), String(Math.round(box.scrollLeft))));
  }
})();
