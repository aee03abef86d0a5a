/* Keying of paper forms by keyboard alone: a complete code moves on, Enter moves on, Ctrl+S saves.
 *
 * Nothing here decides what a valid answer is: the server checks every keying. A code is complete
 * when no longer code of the same item begins with it, so "4" moves on at once while "9" waits for
 * the second digit of 94, 95, 97, 98 or 99. Without this script Tab and the Save button do the same.
 */
"use strict";

(() => {
  // The browser focuses the first field only when it paints; what is typed before would be lost.
  document.querySelector("[autofocus]")?.focus();
  const form = document.querySelector("form[data-keying]");
  if (form) {
    keepKeying(form);
  }
  announce(document.querySelector("main .alert[role='status']"));

  function keepKeying(form) {
    const fields = Array.from(form.querySelectorAll("[data-item]"));
    const save = form.querySelector("[data-save]");

    function goTo(index) {
      const target = index < fields.length ? fields[Math.max(index, 0)] : save;
      target.focus();
      if (target.select) {
        target.select();
      }
    }

    form.addEventListener("input", (event) => {
      const index = fields.indexOf(event.target);
      if (index < 0 || event.isComposing || event.target.dataset.kind !== "single") {
        return;
      }
      if (accepts(event.target, event.inputType)) {
        goTo(index + 1);
      }
    });

    form.addEventListener("keydown", (event) => {
      const index = fields.indexOf(event.target);
      if (event.isComposing || index < 0) {
        return;
      }
      const oneLine = event.target.tagName === "INPUT";
      if (event.key === "Enter" && !event.shiftKey && !event.ctrlKey) {
        event.preventDefault();
        index + 1 < fields.length ? goTo(index + 1) : form.requestSubmit(save);
      } else if (event.key === "ArrowDown" && oneLine) {
        event.preventDefault();
        goTo(index + 1);
      } else if (event.key === "ArrowUp" && oneLine) {
        event.preventDefault();
        goTo(index - 1);
      }
    });

    document.addEventListener("keydown", (event) => {
      const isSave = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s";
      if (isSave && !event.repeat) {
        event.preventDefault();
        form.requestSubmit(save);
      }
    });

    form.addEventListener("focusin", (event) => {
      if (event.target.dataset.kind && event.target.tagName === "INPUT") {
        event.target.select();
      }
    });

    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) {
        event.preventDefault(); // a held Enter key must not send the form twice
      }
      form.dataset.sent = "yes";
    });
    window.addEventListener("pageshow", () => delete form.dataset.sent);
  }

  /* Say whether the field holds one complete code; mark a text that cannot become one. */
  function accepts(field, inputType) {
    const typed = field.value.trim().toUpperCase();
    const codes = field.dataset.codes.split(" ");
    const possible = codes.filter((code) => code.toUpperCase().startsWith(typed));
    field.classList.toggle("is-invalid", typed !== "" && possible.length === 0);
    const complete = possible.length === 1 && possible[0].toUpperCase() === typed;
    if (complete) {
      field.value = possible[0];
    }
    return complete && !(inputType || "").startsWith("delete");
  }

  /* A live region speaks only when it changes after the page has been read. */
  function announce(source) {
    const region = document.querySelector("[data-live]");
    if (source && region) {
      window.setTimeout(() => {
        region.textContent = source.textContent.trim();
      }, 150);
    }
  }
})();
