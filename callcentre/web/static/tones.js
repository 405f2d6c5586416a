/* A tone when a tile with data-sound becomes critical, if the person switched tones on for this browser. The words of the page say the same. */
"use strict";

(() => {
  const button = document.querySelector("[data-sound-switch]");
  const states = new Map();        // the state of each tile, when we last looked
  let audio = null;
  let on = callcentre.kept.get("sound") === "on";

  function tone() {
    audio ||= new AudioContext();
    audio.resume();
    [880, 660].forEach((frequency, place) => {
      const from = audio.currentTime + place * 0.22;
      const oscillator = audio.createOscillator();
      const gain = audio.createGain();
      oscillator.frequency.value = frequency;
      gain.gain.setValueAtTime(0.0001, from);
      gain.gain.exponentialRampToValueAtTime(0.25, from + 0.02);
      gain.gain.exponentialRampToValueAtTime(0.0001, from + 0.2);
      oscillator.connect(gain).connect(audio.destination);
      oscillator.start(from);
      oscillator.stop(from + 0.21);
    });
    document.dispatchEvent(new Event("callcentre:tone"));
  }

  /* Of several tabs that show the tile, one plays the tone: the one that gets the lock. */
  function once() {
    if (!navigator.locks) return tone();
    return navigator.locks.request("callcentre tone", { ifAvailable: true }, (lock) => {
      if (!lock) return undefined;
      tone();
      return new Promise((resolve) => { setTimeout(resolve, 1500); });
    });
  }

  function look() {
    let alarm = false;
    for (const tile of document.querySelectorAll("[data-sound]")) {
      const now = tile.dataset.state ?? "";
      const before = states.get(tile.dataset.sound);
      states.set(tile.dataset.sound, now);
      alarm ||= now === "critical" && before !== undefined && before !== "critical";
    }
    if (alarm && on) once();
  }

  function show() {
    button?.setAttribute("aria-pressed", String(on));
  }
  button?.addEventListener("click", () => {
    on = !on;
    callcentre.kept.set("sound", on ? "on" : "off");
    show();
    if (on) tone();                // so that its loudness is known, and because a browser plays only after a click
  });
  document.addEventListener("callcentre:painted", look);
  show();
  look();
})();
