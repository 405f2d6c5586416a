/* The agents' page: when the next caller takes the place of the last one, a note that is not kept yet stays above. */
"use strict";

document.addEventListener("htmx:before:swap", (event) => {
  const place = document.getElementById("caller");
  const { target, sourceElement } = event.detail.ctx;
  const form = place?.querySelector("form[data-draft]");
  const written = form?.querySelector("textarea");
  if (target !== place || !written || !written.value.trim() || sourceElement === form) return;
  /* A copy, which htmx does not know: it is posted like any form, and the page comes again. */
  const draft = form.cloneNode(true);
  for (const name of draft.getAttributeNames()) if (name.startsWith("hx-") || name === "data-draft") draft.removeAttribute(name);
  draft.querySelector("textarea").value = written.value;
  draft.classList.add("card");
  place.before(draft);
});
