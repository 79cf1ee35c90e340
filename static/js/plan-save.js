// Edits of the plan's table go out one after the other; what comes back is the plan with its new dates.
// A request that fails tells why; nothing that was typed is thrown away here.
(function () {
  "use strict";
  const made = {}; // ids of new rows by the key that the browser gave them
  let line = Promise.resolve();

  const { plan, upto, show } = window.planShow;
  const token = () => JSON.parse(document.body.getAttribute("hx-headers:inherited"))["X-CSRFToken"];
  const key = () => [...crypto.getRandomValues(new Uint8Array(16))].map((one) => one.toString(16).padStart(2, "0")).join("");
  const known = (row) => (typeof row === "string" && made[row]) || row;
  const toast = (text, kind) => document.dispatchEvent(new CustomEvent("office:toast", { detail: { text, kind } }));
  const say = (text) => {
    const place = document.getElementById("plan-said");
    if (place) place.textContent = text;
  };

  async function post(url, fields) {
    const body = new FormData();
    for (const [name, value] of Object.entries({ _key: key(), ...fields })) body.append(name, value);
    const query = `${url.includes("?") ? "&" : "?"}upto=${upto()}`;
    let response;
    try {
      response = await fetch(url + query, { method: "POST", body, headers: { "X-CSRFToken": token(), "HX-Request": "true" } });
    } catch {
      return { ok: false, problems: [{ op: 0, field: "", message: "The server did not answer. Load the page anew to see whether this was saved." }] };
    }
    if (response.status === 401) return { ok: false, problems: [{ op: 0, field: "", message: "Please sign in again in another tab; what you typed is still here." }] };
    if (!(response.headers.get("Content-Type") || "").includes("json")) {
      const message = response.status === 403 ? "You may not do this." : "The server could not do this. Load the page anew to see whether it was saved.";
      return { ok: false, problems: [{ op: 0, field: "", message }] };
    }
    const answer = await response.json();
    Object.assign(made, answer.made);
    if (answer.reload) setTimeout(() => location.reload()); // it is saved, and could not be drawn
    return { ok: response.ok, ...answer };
  }

  function queued(work) {
    const result = line.then(work);
    line = result.catch(() => {});
    return result;
  }

  window.planSheet = {
    known,
    say,
    toast,
    queued,
    // Carry out edits. `settle` hears what became of them before the fresh plan is shown. `agree` is the seal of what
    // was refused before; `dry` only asks what would move.
    send(ops, settle, agree = "", dry = false) {
      return queued(async () => {
        const own = new Set(ops.map((op) => op.key)); // rows that this very batch adds
        const named = ops.map((op) => {
          const one = { ...op };
          for (const name of ["activity", "below"]) {
            if (name in one) one[name] = known(one[name]);
            if (typeof one[name] === "string" && !own.has(one[name])) one.lost = true;
          }
          return one;
        });
        if (named.some((op) => op.lost)) {
          const answer = { ok: false, problems: [{ op: 0, field: "", message: "Its row is not saved yet: give the row its name first." }] };
          settle(answer);
          return answer;
        }
        const answer = await post(plan().dataset.edit, { ops: JSON.stringify(named), agreed: agree, ...(dry && { dry: "1" }) });
        settle(answer);
        if (answer.html) show(answer.html);
        if (answer.ok && answer.words) say(answer.words);
        return answer;
      });
    },
    // Undo the last batch, or do it again; what moves committed milestones is asked about first.
    undo(redo) {
      return queued(async () => {
        const fields = redo ? { redo: "1" } : {};
        let answer = await post(plan().dataset.undo, fields);
        if (!answer.ok && answer.agree && (await window.planSheet.agrees(answer))) {
          answer = await post(plan().dataset.undo, { ...fields, agreed: answer.agree });
        }
        if (answer.html) show(answer.html);
        if (answer.ok) say(answer.words);
        else if (!answer.agree) toast(answer.problems[0].message, "bad");
        return answer;
      });
    },
  };
})();
