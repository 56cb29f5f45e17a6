// The page works without this file. With it nothing is drawn again, and nothing is lost or doubled when the line drops:
// what was not acknowledged is sent again under the same key, and the stream goes on after the last line that came.
"use strict";
(() => {
  const SILENCE = 40000; // ms; the server gives a sign every 15 s
  const lines = document.getElementById("lines");
  const waiting = document.getElementById("waiting");
  const say = document.getElementById("say");
  const box = document.getElementById("text");
  const status = document.getElementById("status");
  const composer = document.getElementById("composer");
  const touch = matchMedia("(pointer: coarse)");

  // --- what stands over the text box -------------------------------------------------------------------------------

  let troubled = false;
  let fading;
  function notice(text, stays) {
    clearTimeout(fading);
    if (status.textContent !== text) status.textContent = text;
    if (text && !stays) fading = setTimeout(() => notice(troubled ? status.dataset.reconnecting : "", true), 6000);
  }
  function trouble() {
    troubled = true;
    notice(status.dataset.reconnecting, true);
  }
  function fine() {
    if (troubled) notice(status.dataset.connected);
    troubled = false;
  }

  // --- what the person says ----------------------------------------------------------------------------------------

  const kept = {
    load() {
      try { return JSON.parse(sessionStorage.getItem("unsent")) || []; } catch { return []; }
    },
    save(queue) {
      try {
        if (queue.length) sessionStorage.setItem("unsent", JSON.stringify(queue));
        else sessionStorage.removeItem("unsent");
      } catch { /* storage is off: the queue lives as long as the page */ }
    },
  };
  const queue = kept.load(); // not acknowledged yet, in order
  let drafts = []; // drawn as "sending" until the conversation shows them
  let busy = false;
  let over = false;
  let again;

  function newKey() { // crypto.randomUUID is missing over plain http
    return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  function draw(message) {
    const item = document.createElement("li");
    const words = item.appendChild(document.createElement("p"));
    item.className = "heard sending";
    words.dir = "auto";
    words.textContent = message.label || message.text;
    waiting.append(item);
    drafts.push({ key: message.key, text: words.textContent, item });
  }

  function undraw(draft) {
    if (!draft) return;
    draft.item.remove();
    drafts = drafts.filter((other) => other !== draft);
  }

  function tell(message) {
    queue.push(message);
    kept.save(queue);
    draw(message);
    toNewest();
    flush();
  }

  async function post(message) {
    const { label, ...body } = message;
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), 20000);
    try {
      return await fetch("/chat/messages", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(body),
        signal: patience.signal,
      });
    } catch {
      return null;
    } finally {
      clearTimeout(timer);
    }
  }

  async function flush() {
    if (busy) return;
    busy = true;
    clearTimeout(again);
    while (queue.length) {
      const message = queue[0];
      const answer = await post(message);
      if (!answer || answer.status >= 500 || answer.status === 429) {
        trouble();
        again = setTimeout(flush, 2000);
        break;
      }
      if (answer.status === 401 && reopened()) break;
      queue.shift();
      kept.save(queue);
      await acknowledged(message, answer);
    }
    busy = false;
  }

  async function acknowledged(message, answer) {
    const draft = drafts.find((one) => one.key === message.key);
    if (answer.ok) {
      fine();
      if (draft) {
        draft.acknowledged = true;
        setTimeout(() => undraw(draft), 3000);
      }
      if (answer.status === 200) heed(await answer.json());
      return;
    }
    undraw(draft);
    if (message.text && !box.value) box.value = message.text;
    if (answer.status === 413 || answer.status === 422) tooLong();
  }

  function heed({ toast, ended }) {
    notice(ended || toast || "", Boolean(ended));
    if (ended) setTimeout(end, 3000); // the last message is on its way
  }

  // Nobody is known here any more: what is written now would begin another conversation.
  function end() {
    over = true;
    hangUp();
    for (const control of document.querySelectorAll("button, textarea")) control.disabled = true;
  }

  // The cookie is gone: a fresh page brings a new conversation, and takes the unsent messages along. Once only.
  function reopened() {
    try {
      if (sessionStorage.getItem("reopened") === queue[0].key) return false;
      sessionStorage.setItem("reopened", queue[0].key);
    } catch {
      return false;
    }
    location.reload();
    return true;
  }

  function tooLong() {
    box.setAttribute("aria-invalid", "true");
    notice(status.dataset.tooLong, true);
  }

  say.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = box.value.trim();
    if ([...text].length > Number(box.dataset.most)) {
      tooLong();
    } else if (text) {
      box.value = "";
      tell({ key: newKey(), text });
    }
    box.focus();
  });

  box.addEventListener("keydown", (event) => {
    // 229: Safari ends a composition with the same Enter that would send.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    say.requestSubmit();
  });

  box.addEventListener("input", () => {
    if (!box.hasAttribute("aria-invalid")) return;
    box.removeAttribute("aria-invalid");
    notice(troubled ? status.dataset.reconnecting : "", true);
  });

  document.getElementById("choose").addEventListener("submit", (event) => {
    event.preventDefault();
    const button = event.submitter;
    const [, ref, number] = /^(.*):(\d+)$/.exec(button.value);
    const unsent = queue.some((one) => one.ref === ref && one.number === Number(number));
    if (!unsent) tell({ key: newKey(), ref, number: Number(number), label: button.textContent });
    if (!touch.matches) box.focus({ preventScroll: true }); // on a telephone this would open the keyboard
  });

  // --- what the conversation shows ---------------------------------------------------------------------------------

  let last = Number(lines.dataset.last);

  let following = true; // whoever scrolled up to read stays there
  addEventListener("scroll", () => {
    following = innerHeight + scrollY >= document.documentElement.scrollHeight - 120;
  }, { passive: true });

  function toNewest(item) {
    const room = innerHeight - composer.offsetHeight;
    if (item && item.offsetHeight > room) item.scrollIntoView({ block: "start" });
    else scrollTo(0, document.documentElement.scrollHeight);
    following = true;
  }

  function follow() {
    if (following) toNewest(lines.lastElementChild);
  }

  function show({ html, replaces }) {
    const fresh = document.createElement("template");
    fresh.innerHTML = html; // written by the server, which escapes everything
    const items = [...fresh.content.children];
    for (const item of items) item.classList.add("fresh");
    const old = replaces && lines.querySelector(`[data-ref="${CSS.escape(replaces)}"]`);
    if (old) {
      const focused = old.contains(document.activeElement);
      old.replaceWith(...items);
      const button = items.map((item) => item.querySelector("button")).find(Boolean);
      if (focused) (button || box).focus({ preventScroll: true });
    } else {
      lines.append(...items);
    }
    for (const item of items) {
      if (item.classList.contains("heard")) seen(item.textContent.trim());
    }
    follow();
  }

  function seen(text) {
    undraw(drafts.find((draft) => draft.text === text) || drafts.find((draft) => draft.acknowledged));
  }

  function reword(words) {
    document.documentElement.lang = words.lang;
    document.title = words.title;
    for (const element of document.querySelectorAll("[data-word]")) element.textContent = words[element.dataset.word];
    document.getElementById("log").setAttribute("aria-label", words.log_label);
    status.dataset.reconnecting = words.reconnecting;
    status.dataset.connected = words.connected;
    status.dataset.tooLong = words.too_long;
  }

  // --- the line to the server --------------------------------------------------------------------------------------

  let source;
  let sign = 0; // when the server last gave one
  let retry;

  function alive() {
    sign = Date.now();
    fine();
  }

  function hangUp() {
    clearTimeout(retry);
    if (source) source.close();
    source = null;
  }

  function listen() {
    if (over) return;
    hangUp();
    sign = Date.now();
    source = new EventSource(`/chat/events?after=${last}&lang=${document.documentElement.lang}`);
    source.addEventListener("beat", alive);
    source.addEventListener("line", (event) => {
      alive();
      const id = Number(event.lastEventId);
      if (id <= last) return;
      last = id;
      show(JSON.parse(event.data));
    });
    source.addEventListener("words", (event) => reword(JSON.parse(event.data)));
    source.addEventListener("open", () => {
      alive();
      flush();
    });
    source.addEventListener("error", () => {
      trouble();
      if (source && source.readyState === EventSource.CLOSED) retry = setTimeout(listen, 3000);
    });
  }

  addEventListener("online", () => {
    listen();
    flush();
  });
  addEventListener("offline", () => {
    hangUp();
    trouble();
  });
  // A hidden page lets its line go: browsers allow six to one server, and telephones cut it anyway.
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) hangUp();
    else listen();
  });
  setInterval(() => {
    if (source && Date.now() - sign > SILENCE) listen();
  }, 5000);

  if ("ResizeObserver" in window) {
    new ResizeObserver(() => {
      document.documentElement.style.setProperty("--composer", `${composer.offsetHeight}px`);
      follow();
    }).observe(composer);
  }
  queue.forEach(draw);
  if (lines.querySelector(".heard")) { // whoever comes for the first time reads the welcome from the top
    toNewest();
    if (!touch.matches) box.focus({ preventScroll: true });
  }
  lines.addEventListener("load", follow, true); // a picture has its height now
  if (!document.hidden) listen();
  flush();
})();
