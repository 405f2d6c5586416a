/* The editor of the rules: colours and line numbers behind a textarea, and marks at the lines that the findings name. The textarea
   stays an ordinary one: Tab leaves it, and without this script it is all there is. */
"use strict";

(() => {
  const text = document.getElementById("rules-text");
  if (!text) return;
  const findings = document.getElementById("findings");
  const form = text.form;

  /* ---- Colours ---- */
  const TOKEN = new RegExp([
    "(?<comment>(?<=^|\\s)#.*)",
    "(?<secret><secret [^>]*>)",
    "(?<variable>\\$\\{[^}]*\\}|\\{\\{.*?\\}\\})",
    "(?<key>(?:\"[^\"]*\"|'[^']*'|[\\w.][^\\s#,{}\\[\\]\"']*)(?=:(?:\\s|$)))",
    "(?<string>\"(?:[^\"\\\\]|\\\\.)*\"|'[^']*')",
  ].join("|"), "g");
  /* Of longer texts only the numbers are drawn. */
  const LONGEST = 4000;

  const numbers = Object.assign(document.createElement("div"), { className: "code-numbers" });
  const layer = Object.assign(document.createElement("pre"), { className: "code-layer" });
  for (const each of [numbers, layer]) each.setAttribute("aria-hidden", "true");
  text.before(numbers, layer);
  text.parentElement.classList.add("drawn");
  let drawn = [];

  function line(source) {
    const row = document.createElement("div");
    let end = 0;
    if (source.length <= LONGEST) {
      for (const found of source.matchAll(TOKEN)) {
        if (!found[0]) continue;
        const kind = Object.keys(found.groups).find((name) => found.groups[name] !== undefined);
        const piece = Object.assign(document.createElement("span"), { className: "code-" + kind, textContent: found[0] });
        row.append(source.slice(end, found.index), piece);
        end = found.index + found[0].length;
      }
    }
    row.append(source.slice(end) + "\n");
    return row;
  }

  /* Only the lines between the first and the last that differ are made anew. */
  function draw() {
    const lines = text.value.split("\n");
    let head = 0, tail = 0;
    const common = Math.min(lines.length, drawn.length);
    while (head < common && lines[head] === drawn[head]) head += 1;
    while (tail < common - head && lines[lines.length - 1 - tail] === drawn[drawn.length - 1 - tail]) tail += 1;
    const rows = [...layer.children].slice(head, drawn.length - tail);
    const before = layer.children[drawn.length - tail] || null;
    for (const row of rows) row.remove();
    for (const source of lines.slice(head, lines.length - tail)) layer.insertBefore(line(source), before);
    while (numbers.children.length > lines.length) numbers.lastElementChild.remove();
    while (numbers.children.length < lines.length) {
      numbers.append(Object.assign(document.createElement("div"), { textContent: numbers.children.length + 1 }));
    }
    drawn = lines;
    follow();
  }
  function follow() {
    layer.scrollTop = numbers.scrollTop = text.scrollTop;
    layer.scrollLeft = text.scrollLeft;
  }
  text.addEventListener("input", draw);
  text.addEventListener("scroll", follow, { passive: true });

  /* ---- Findings ---- */
  function mark() {
    for (const row of [...layer.children, ...numbers.children]) delete row.dataset.state;
    let worst = false;
    for (const each of findings.querySelectorAll("li[data-line]")) {
      const state = each.parentElement.dataset.state, place = Number(each.dataset.line) - 1;
      worst ||= state === "critical";
      for (const row of [layer.children[place], numbers.children[place]]) {
        if (row && row.dataset.state !== "critical") row.dataset.state = state;
      }
    }
    text.setAttribute("aria-invalid", String(worst));
  }
  new MutationObserver(mark).observe(findings, { childList: true, subtree: true });

  findings.addEventListener("click", (event) => {
    const found = event.target.closest("a")?.closest("li[data-line]");
    if (!found) return;
    event.preventDefault();
    const place = Number(found.dataset.line) - 1;
    const start = drawn.slice(0, place).reduce((sum, each) => sum + each.length + 1, 0);
    text.focus();
    text.setSelectionRange(start + Number(found.dataset.column) - 1, start + Number(found.dataset.end) - 1);
    const height = text.scrollHeight / Math.max(drawn.length, 1);
    text.scrollTop = Math.max(0, place * height - text.clientHeight / 3);
    text.scrollIntoView({ block: "nearest" });
  });

  /* ---- The form: saving asks first, and a text that is not saved is not left by mistake ---- */
  const saved = text.defaultValue;
  let leaves = false;
  form.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if ("ask" in button.dataset) form.dataset.confirm = button.dataset.ask; else delete form.dataset.confirm;
  });
  document.addEventListener("submit", () => { leaves = true; });
  addEventListener("pageshow", () => { leaves = false; });
  addEventListener("beforeunload", (event) => { if (!leaves && text.value !== saved) event.preventDefault(); });

  draw();
  mark();
})();
