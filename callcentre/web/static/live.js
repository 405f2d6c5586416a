/* Keeps the panels of a page current: docs/concepts/pages.md, "Live".

   One tab of the browser reads the stream of server-sent events, and passes each message to the others by BroadcastChannel: browsers
   allow six connections to a host over HTTP/1.1. That tab holds a Web Lock; when it goes, the next one gets the lock and continues after
   the last id that it has seen. A browser without locks (plain HTTP from another machine) reads one stream a tab.

   The stream is read by fetch instead of EventSource: this sends Last-Event-ID also with the first request of a tab, and a proxy's 502 while
   the daemon starts does not end it for good. */
"use strict";

(() => {
  const body = document.body;
  const path = body.dataset.live;
  if (!path) return;

  const SILENCE = 17_000;          // ms without a message: not live. The server sends a clock every 15 s.
  const GRACE = 3_000;             // ms that a cut connection may take to come back before the page says so
  const LONGEST_RETRY = 2_400;     // ms: a page is current within 3 s of the daemon's return

  /* ---- What is shown ---- */

  const state = document.querySelector("[data-live-state]");
  const seen = new Map();          // node → number of its last fact that this tab has seen
  const painted = new Map();       // "service/panel" → when it was painted last, counting messages
  let last = "";                   // the id of the last message that had one
  let messages = 0;
  let offset = 0;                  // the server's clock minus ours, ms
  let heard = Date.now();          // when the last message came from the server
  let word = heard;                // when the last word came from the tab that reads
  let lost = 0;                    // when the connection was lost; 0: it is there

  htmx.config.morphIgnore.push("open");   // Whether <details> is open is the reader's own state.

  const key = (panel, service) => `${service}/${panel}`;
  const keyOf = (element) => key(element.dataset.panel, element.dataset.service ?? "");

  function paint(name, html) {
    painted.set(name, ++messages);
    for (const element of document.querySelectorAll("[data-panel]")) {
      if (keyOf(element) === name) htmx.swap({ text: html, target: element, sourceElement: element, swap: "innerMorph" });
    }
    count();
    document.dispatchEvent(new Event("callcentre:painted"));
  }

  /* "2:41", "1:02:03": counted from the server's clock, so that all screens show the same. */
  function duration(milliseconds) {
    const total = Math.max(0, Math.floor(milliseconds / 1000));
    const two = (number) => String(number).padStart(2, "0");
    const [hours, minutes, seconds] = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60];
    return hours ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`;
  }

  function count() {
    if (body.classList.contains("stale")) return;   // A figure that is not known any more does not count on.
    const now = Date.now() + offset;
    for (const element of document.querySelectorAll("time[data-since]")) {
      const text = duration(now - Number(element.dataset.since));
      if (element.textContent !== text) element.textContent = text;
    }
  }

  function look() {
    const stale = Date.now() - heard > SILENCE || (lost && Date.now() - lost > GRACE);
    if (stale && !body.classList.contains("stale")) {
      const since = new Date(heard + offset).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
      body.classList.add("stale");
      say(body.dataset.stale.replace("{time}", since));
    }
    /* The tab that reads may sleep and say nothing: a tab that somebody looks at takes over. */
    if (!leading && !document.hidden && Date.now() - word > SILENCE) lead(true);
  }

  function live() {
    heard = Date.now();
    lost = 0;
    if (body.classList.contains("stale")) {
      body.classList.remove("stale");
      refresh();
    }
    say(state?.dataset.liveWord ?? "");
  }

  function say(words) {
    if (state && state.textContent !== words) state.textContent = words;
  }

  /* Takes the panels out of this page as the server shows it now. What the stream painted meanwhile is newer, and stays. */
  async function refresh() {
    const before = messages;
    const answer = await fetch(location.href, { cache: "no-store", credentials: "same-origin" }).catch(() => null);
    if (answer?.redirected || answer?.status === 401) return end();
    if (!answer?.ok) return undefined;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (page.querySelector("script[src*=live]")?.getAttribute("src") !== document.querySelector("script[src*=live]").getAttribute("src")) {
      return location.reload();    // another version of the program, with other scripts and styles
    }
    for (const element of page.querySelectorAll("[data-panel]")) {
      if ((painted.get(keyOf(element)) ?? 0) <= before) paint(keyOf(element), element.innerHTML);
    }
    return undefined;
  }

  function end() {
    over = true;
    stop?.abort();
    location.assign(body.dataset.login || "/login?next=" + encodeURIComponent(location.pathname + location.search));
  }

  /* ---- Messages, from the stream or from the tab that reads it ---- */

  function take({ event, id, data }) {
    word = Date.now();
    if (event === "lost") {
      lost ||= word;
      return;
    }
    live();
    if (event === "clock") {
      offset = data.now - Date.now();
      count();
    } else if (event === "panel") {
      paint(key(data.panel, data.service ?? ""), data.html);
    } else if (event === "fact" && isNew(id)) {
      document.dispatchEvent(new CustomEvent("callcentre:fact", { detail: { id, fact: data } }));
    } else if (event === "resync") {
      refresh();
    } else if (event === "ended") {
      end();
    }
    if (id) last = id;
  }

  /* An id is "node:number", and the numbers of a node grow. When another tab begins to read, a fact can come twice. */
  function isNew(id) {
    const colon = id.lastIndexOf(":");
    const [node, number] = [id.slice(0, colon), Number(id.slice(colon + 1))];
    if (number <= (seen.get(node) ?? 0)) return false;
    seen.set(node, number);
    return true;
  }

  /* ---- One tab reads for all ---- */

  const name = "callcentre" + path;
  const me = Math.random().toString(36).slice(2);
  const alone = !navigator.locks || !window.BroadcastChannel;
  const channel = alone ? null : new BroadcastChannel(name);
  const panels = new Map();        // the reading tab: the latest message of each panel, for tabs that are opened later
  let leading = false;
  let stop = null;                 // ends the reading
  let over = false;                // the session has ended: this page is about to go

  function pass(message) {
    if (message.event === "panel") {
      panels.set(key(message.data.panel, message.data.service ?? ""), message);
    }
    channel?.postMessage(message);
    try { take(message); } catch (error) { reportError(error); }   // A panel that cannot be painted does not end the stream.
  }

  channel?.addEventListener("message", ({ data }) => {
    if (data.hello) {
      if (leading && !lost) channel.postMessage({ to: data.hello, messages: [clock(), ...panels.values()] });
    } else if (data.to === me) {
      data.messages.forEach(take);
    } else if (!data.to) {
      take(data);
    }
  });

  const clock = () => ({ event: "clock", id: last, data: { now: Date.now() + offset } });

  function lead(steal = false) {
    if (leading) return;
    const work = () => {
      if (over) return undefined;
      leading = true;
      stop = new AbortController();
      return read(stop.signal);
    };
    if (alone) {
      work();
      return;
    }
    /* The lock is held until the reading ends. A tab that it was taken from stops reading, and waits for its next turn. */
    navigator.locks.request(name, { steal }, work).catch(() => {
      if (!leading) return;
      leading = false;
      stop.abort();
      lead();
    });
  }

  /* ---- The stream ---- */

  async function read(signal) {
    let longest = LONGEST_RETRY;
    let attempt = 0;
    while (!signal.aborted) {
      try {
        const headers = { Accept: "text/event-stream" };
        if (last) headers["Last-Event-ID"] = last;
        const answer = await fetch(path, { headers, signal, cache: "no-store", credentials: "same-origin" });
        if (answer.redirected || answer.status === 401) return end();
        if ([403, 404].includes(answer.status)) {   // Not for this visitor: asking again does not change that.
          pass({ event: "lost" });
          return new Promise(() => {});
        }
        if (!answer.ok || !answer.body) throw new Error(String(answer.status));
        attempt = 0;
        for await (const message of parsed(answer.body, signal)) {
          if (message.retry) longest = Math.min(LONGEST_RETRY, Number(message.retry));
          pass(message);
        }
      } catch { /* Tried again below, like a stream that ended. */ }
      if (signal.aborted) return undefined;
      pass({ event: "lost" });
      /* Soon after a cut, then less often, and at times that differ, so that many screens do not come back in step. */
      await pause(longest * (attempt++ ? 0.5 + Math.random() / 2 : 0.05 + Math.random() / 5), signal);
    }
    return undefined;
  }

  function pause(milliseconds, signal) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      signal.addEventListener("abort", () => { clearTimeout(timer); resolve(); }, { once: true });
      addEventListener("online", resolve, { once: true });
    });
  }

  /* The messages of a stream of server-sent events (WHATWG HTML, 9.2.6). A message that was cut off in the middle is dropped: it comes again.
     A reader that hears nothing for a while closes the connection: a dead peer is otherwise not noticed. */
  async function* parsed(stream, signal) {
    const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    try {
      for (;;) {
        let timer;
        const silence = new Promise((_, reject) => { timer = setTimeout(reject, SILENCE, new Error("silence")); });
        const { value, done } = await Promise.race([reader.read(), silence]).finally(() => clearTimeout(timer));
        if (done || signal.aborted) return;
        text += value;
        const blocks = text.replaceAll("\r\n", "\n").split("\n\n");
        text = blocks.pop();
        for (const block of blocks) yield message(block);
      }
    } finally {
      reader.cancel().catch(() => {});
    }
  }

  function message(block) {
    const fields = { event: "", id: "", retry: "", data: [] };
    for (const line of block.split("\n")) {
      const colon = line.indexOf(":");
      const field = colon < 0 ? line : line.slice(0, colon);
      const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
      if (field === "data") fields.data.push(value);
      else if (field in fields) fields[field] = value;
    }
    /* A comment gives a message without an event: a sign of life. */
    return { ...fields, data: fields.data.length ? JSON.parse(fields.data.join("\n")) : null };
  }

  /* ---- Start ---- */

  /* A tab that slept, or that the browser kept for "back", shows at once what is true now. */
  function woke() {
    if (document.hidden) return;
    count();
    look();
    if (Date.now() - heard > SILENCE) refresh();
  }
  document.addEventListener("visibilitychange", woke);
  document.addEventListener("resume", woke);
  addEventListener("pageshow", (event) => { if (event.persisted) refresh(); });

  count();
  setInterval(() => { count(); look(); }, 1000);
  lead();
  channel?.postMessage({ hello: me });
})();
