// Forms: Ctrl/Cmd-Enter saves, leaving with unsaved changes asks, errors get the focus, files can be dropped.
(function () {
  "use strict";
  const changed = new Set();
  const guarded = (element) => (element instanceof Element ? element.closest("form[data-guard]") : null);

  document.addEventListener("input", (event) => {
    const form = guarded(event.target);
    if (form) changed.add(form);
  });
  document.addEventListener("submit", (event) => changed.delete(event.target), true);
  document.addEventListener("reset", (event) => changed.delete(event.target), true);
  window.addEventListener("beforeunload", (event) => {
    for (const form of changed) {
      if (!form.isConnected) changed.delete(form);
    }
    if (changed.size) event.preventDefault();
  });
  // A refused save keeps the guard: what was typed still stands only in this page.
  document.addEventListener("htmx:after:swap", (event) => {
    const context = event.detail.ctx;
    if (context?.response?.status === 422) {
      const form = guarded(context.target) || context.target?.querySelector?.("form[data-guard]");
      if (form) changed.add(form);
    }
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    const form = event.target instanceof Element ? event.target.closest("form") : null;
    if (!form || form.method === "dialog") return;
    event.preventDefault();
    form.requestSubmit(form.querySelector("button.primary[type=submit], button[type=submit]"));
  });

  // ---- the summary of errors takes the focus, on a full page and after a swap
  const focusErrors = (within) => within.querySelector?.(".error-summary")?.focus();
  focusErrors(document);
  document.addEventListener("htmx:after:settle", (event) => focusErrors(event.detail.ctx?.target || document));

  // ---- selects and dates that filter: <form data-autosubmit>
  document.addEventListener("change", (event) => {
    const form = event.target instanceof Element ? event.target.closest("form[data-autosubmit]") : null;
    if (form) form.requestSubmit();
  });

  // ---- a file dropped on <label class="drop"> with a file input inside
  for (const kind of ["dragover", "dragleave", "drop"]) {
    document.addEventListener(kind, (event) => {
      const area = event.target instanceof Element ? event.target.closest(".drop") : null;
      if (!area) return;
      event.preventDefault();
      area.classList.toggle("over", kind === "dragover");
      const input = area.querySelector("input[type=file]");
      if (kind === "drop" && input && event.dataTransfer?.files.length) {
        input.files = event.dataTransfer.files;
        input.dispatchEvent(new Event("change", { bubbles: true }));
      }
    });
  }
  document.addEventListener("change", (event) => {
    const input = event.target;
    if (!(input instanceof HTMLInputElement) || input.type !== "file") return;
    const shown = input.closest(".drop")?.querySelector("[data-file-name]");
    if (shown) shown.textContent = [...input.files].map((file) => file.name).join(", ");
  });

  // ---- confirmation in words that name the thing: <button data-confirm="Delete project IAM and its 214 activities?">
  document.addEventListener("click", (event) => {
    const asks = event.target instanceof Element ? event.target.closest("[data-confirm]") : null;
    if (asks && !window.confirm(asks.dataset.confirm)) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
  }, true);
})();
