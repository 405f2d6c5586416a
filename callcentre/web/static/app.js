/* What all pages share: the theme, confirmations, forms that post by themselves, copying. It runs before the page is painted, so it
   listens on the document and looks elements up when something happens. */
"use strict";

(() => {
  const root = document.documentElement;
  root.classList.add("js");

  /* What a person chose is kept for this browser. Storage can be forbidden: then it holds for this page. */
  const kept = {
    get(key) { try { return localStorage.getItem("callcentre." + key); } catch { return null; } },
    set(key, value) { try { localStorage.setItem("callcentre." + key, value); } catch { /* see above */ } },
  };

  /* The theme: "light", "dark", or "" for that of the system. Charts draw themselves again when they hear of a change. */
  function showTheme(theme) {
    if (theme) root.dataset.theme = theme; else delete root.dataset.theme;
    for (const button of document.querySelectorAll("[data-theme-choice]")) {
      button.setAttribute("aria-pressed", String(button.dataset.themeChoice === theme));
    }
    document.dispatchEvent(new Event("callcentre:theme"));
  }
  const theme = () => (["light", "dark"].includes(kept.get("theme")) ? kept.get("theme") : "");
  showTheme(theme());
  document.addEventListener("DOMContentLoaded", () => showTheme(theme()));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => showTheme(theme()));
  addEventListener("storage", (event) => { if (event.key === "callcentre.theme") showTheme(theme()); });

  /* Asks before a form with data-confirm is posted. Resolves to false, or to {why}. */
  function asked(form) {
    const dialog = document.getElementById("confirm");
    const why = dialog.querySelector(".why");
    const yes = dialog.querySelector("[data-yes]");
    dialog.querySelector(".question").textContent = form.dataset.confirm;
    yes.textContent = form.dataset.confirmLabel || yes.dataset.word || (yes.dataset.word = yes.textContent);
    yes.className = form.dataset.confirmKind || "";
    why.hidden = !("confirmWhy" in form.dataset);
    why.querySelector("input").value = "";
    dialog.returnValue = "";
    dialog.showModal();
    if (!why.hidden) why.querySelector("input").focus();
    return new Promise((resolve) => {
      dialog.addEventListener("close", () => {
        resolve(dialog.returnValue === "yes" && { why: why.hidden ? null : why.querySelector("input").value });
      }, { once: true });
    });
  }

  /* A panel is made once for all who look at it: its forms have an empty field for the token of the visitor. */
  document.addEventListener("submit", (event) => {
    const field = event.target.elements.namedItem("csrf");
    if (field && !field.value) field.value = document.body.dataset.csrf ?? "";
  }, true);

  const confirmed = new WeakSet();
  /* In the capturing phase, so that htmx does not see the event before the answer. */
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.dataset.confirm || confirmed.delete(form)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const submitter = event.submitter;
    const answer = await asked(form);
    if (!answer) return;
    if (answer.why !== null) {
      const field = form.elements.namedItem("why") || form.appendChild(Object.assign(document.createElement("input"), { type: "hidden", name: "why" }));
      field.value = answer.why;
    }
    confirmed.add(form);
    form.requestSubmit(submitter);
  }, true);

  document.addEventListener("click", (event) => {
    const target = event.target.closest("button, [data-copy]");
    if (!target) return;
    if ("themeChoice" in target.dataset) {
      kept.set("theme", target.dataset.themeChoice);
      showTheme(target.dataset.themeChoice);
    } else if ("yes" in target.dataset) {
      target.closest("dialog").close("yes");
    } else if ("close" in target.dataset) {
      target.closest("dialog").close();
    } else if ("copy" in target.dataset) {
      /* data-copy is the selector of what is copied; data-copied is the word that is then on the button for a moment. */
      const source = document.querySelector(target.dataset.copy);
      navigator.clipboard?.writeText(source.value ?? source.textContent.trim()).then(() => {
        const word = target.textContent;
        target.textContent = target.dataset.copied || word;
        setTimeout(() => { target.textContent = word; }, 2000);
      });
    }
  });

  document.addEventListener("keydown", (event) => {
    const field = event.target;
    if (event.key === "Enter" && field.matches("#confirm input")) {
      event.preventDefault();
      field.closest("dialog").close("yes");
    }
  });

  /* A form with data-autosubmit is sent when one of its fields has changed; its button is for browsers without scripts. */
  document.addEventListener("change", (event) => {
    const form = event.target.form;
    if (form && "autosubmit" in form.dataset) form.requestSubmit();
  });

  window.callcentre = { kept };
})();
