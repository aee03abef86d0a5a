/* Questions of the open section that come and go as answers change.
 *
 * The server judges every post, so nothing here has to be right for the answers to be: a question
 * that closes is hidden and not sent, and what the server would not ask it drops. Focus stays where
 * it is; one quiet sentence says that a question has opened, closing is silent.
 */
"use strict";

(() => {
  const status = document.getElementById("skip-status");
  const form = document.getElementById("form");
  if (!status || !form) {
    return;
  }
  const logic = JSON.parse(status.dataset.logic);
  const boxes = new Map();
  for (const closed of form.querySelectorAll("[data-step] > template")) {
    closed.replaceWith(closed.content, shownField(closed.parentElement.dataset.step));
  }
  for (const box of form.querySelectorAll("[data-step]")) { // lines beside options that came too
    boxes.set(box.dataset.step, box);
  }

  const READ = {
    single: chosen,
    scale: chosen,
    multi: (id) => {
      const codes = Array.from(controls(id)).filter((box) => box.checked).map((box) => box.value);
      return codes.length ? codes : null;
    },
    integer: (id) => (/^[-+]?[0-9]{1,16}$/.test(signed(id)) ? Number(signed(id)) : missing(id)),
    decimal: (id, step) => {
      const match = /^([-+]?[0-9]{1,15})(?:[.,]([0-9]{1,9}))?$/.exec(signed(id));
      const decimals = (match && match[2]) || "";
      const fits = match && decimals.length <= step.places;
      return fits ? `${match[1].replace("+", "")}.${decimals || 0}` : missing(id);
    },
    date: (id) => {
      const typed = written(id);
      const first = /^([0-9]{1,2})[/-]([0-9]{1,2})[/-]([0-9]{4})$/.exec(typed);
      const parts = first ? first.slice(1).reverse() : typed.split("-");
      const iso = parts.map((part) => part.padStart(2, "0")).join("-");
      return /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(iso) ? iso : missing(id);
    },
    text: (id) => written(id) || null,
    note: () => null,
    calculation: (id, step, values) => skipLogic.decimalText(step.value, step.places, values),
  };

  /* Tell the server that this question was met, should it be left unanswered. */
  function shownField(id) {
    const field = document.createElement("input");
    field.type = "hidden";
    field.name = "_shown";
    field.value = id;
    return field;
  }

  function controls(id) {
    return form.querySelectorAll(`[name="${id}"]`);
  }

  function chosen(id) {
    const marked = Array.from(controls(id)).find((button) => button.checked);
    return marked ? marked.value : null;
  }

  function written(id) {
    const field = controls(id)[0];
    return field ? field.value.normalize("NFC").trim() : "";
  }

  function signed(id) {
    return written(id).replace("\u2212", "-");
  }

  function missing(id) {
    return written(id).startsWith("#") ? written(id) : null;
  }

  /* Walk the section as the server does; say whether a question has opened. */
  function walk() {
    const values = new Map(Object.entries(logic.values));
    let opened = false;
    for (const step of logic.steps) {
      const open = !step.if || skipLogic.evaluate(step.if, values) === true;
      const box = boxes.get(step.id);
      if (box && box.hidden === open) {
        box.hidden = !open;
        opened = opened || open;
      }
      if (box) {
        for (const control of box.querySelectorAll("input, textarea, select")) {
          control.disabled = !open;
        }
      }
      const answer = open ? READ[step.type](step.id, step, values) : null;
      if (answer !== null) {
        values.set(step.id, answer);
      }
    }
    return opened;
  }

  let waiting = 0;

  /* A live region speaks when its text changes; while a number is being typed it waits. */
  function announce() {
    status.textContent = "";
    window.clearTimeout(waiting);
    waiting = window.setTimeout(() => {
      status.textContent = status.dataset.opened;
    }, 600);
  }

  function follow() {
    if (walk()) {
      announce();
    }
  }

  form.addEventListener("input", follow);
  form.addEventListener("change", follow);
  window.addEventListener("pageshow", walk);
  walk();
})();
