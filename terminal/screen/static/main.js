// @ts-check
/** The kiosk's page: joins the socket, the microphone, the voice and the view. */

import { Camera } from "./camera.js";
import { startClock } from "./clock.js";
import { find } from "./dom.js";
import { Keyboard } from "./keyboard.js";
import { Microphone, loudness } from "./microphone.js";
import { Overlay } from "./overlay.js";
import { Playback } from "./playback.js";
import { KioskSocket } from "./socket.js";
import { onTap } from "./tap.js";
import { View } from "./view.js";

/** @typedef {import("./protocol.js").Incoming} Incoming */
/** @typedef {import("./protocol.js").Outgoing} Outgoing */
/** @typedef {import("./protocol.js").Button} Button */

/** A kiosk gone for so long has lost the visit: the page forgets it too. */
const FORGET_AFTER_MS = 30_000;

const playback = new Playback((turn) => socket.send({ type: "played", turn }));
const view = new View(say);
const keyboard = new Keyboard((text) => say({ type: "typed", text }));
const overlay = new Overlay();
const orb = find("orb", HTMLElement);
let forgetTimer = 0;

const microphone = new Microphone({
  state: (state) => {
    if (!microphone.wanted) return;
    view.showMicrophone(state);
    socket.send({ type: "microphone", state });
  },
  frame: (frame) => {
    orb.style.setProperty("--loudness", loudness(frame).toFixed(2));
    socket.sendFrame(frame);
  },
});

const camera = new Camera({
  state: (state) => socket.send({ type: "camera", state }),
  view: (view) => socket.sendFrame(view),
});

const socket = new KioskSocket({
  opened: () => {
    clearTimeout(forgetTimer);
    wipe(); // The kiosk remembers what must be shown, and sends it now.
    overlay.hide();
    if (microphone.wanted) socket.send({ type: "microphone", state: microphone.state });
    if (camera.state !== "off") socket.send({ type: "camera", state: camera.state });
  },
  closed: () => {
    playback.hush();
    overlay.reconnecting();
    clearTimeout(forgetTimer);
    forgetTimer = setTimeout(wipe, FORGET_AFTER_MS);
  },
  replaced: () => {
    wipe();
    microphone.stop();
    camera.stop();
    overlay.replaced();
  },
  message: receive,
  sound: (sound) => playback.take(sound),
});

/** @param {Incoming} message */
function receive(message) {
  switch (message.type) {
    case "home":
      playback.prepare(message.voice_rate);
      view.showHome(message);
      microphone.wanted = message.microphone !== "device";
      if (!microphone.wanted) microphone.stop();
      camera.wanted = message.camera === "browser";
      void watchAlone();
      break;
    case "state":
      view.showState(message.state, message.turn, message.reason);
      break;
    case "caption":
      view.showCaption(message.text, message.turn);
      break;
    case "reply":
      view.showReply(message);
      break;
    case "mode":
      view.showMode(message.elder);
      break;
    case "microphone":
      view.showMicrophone(message.state);
      break;
    case "note":
      view.showNote(message.text);
      break;
    case "pause":
      playback.pause();
      break;
    case "resume":
      playback.resume();
      break;
    case "hush":
      playback.hush();
      break;
    case "wipe":
      wipe();
      break;
  }
}

/**
 * Send what the citizen wants.
 * @param {Outgoing} message
 */
function say(message) {
  if (message.type === "press" && message.button === "stop") playback.hush();
  socket.send(message);
}

function wipe() {
  view.wipe();
  keyboard.wipe();
  playback.hush();
  microphone.forget();
}

/** Sound and microphone, at the wish of the citizen. */
async function begin() {
  await Promise.all([playback.unlock(), microphone.start()]);
  await camera.start(); // After the microphone: one question at a time.
}

/** Kiosk browsers are allowed the camera from the start, like the rest. */
async function watchAlone() {
  if (camera.wanted && camera.state === "off" && (await camera.granted())) await camera.start();
}

/** Kiosk browsers are allowed both from the start; no one has to tap first. */
async function beginAlone() {
  const [sound, permission] = await Promise.all([playback.unlock(), microphone.granted()]);
  if (sound && permission) await microphone.start();
}

/** Any touch allows sound; the microphone follows only if it needs no question. */
async function touched() {
  await playback.unlock();
  if (microphone.state === "off" && (await microphone.granted())) await microphone.start();
  await watchAlone();
}

onTap(find("start", HTMLElement), () => void begin());
onTap(find("retry", HTMLElement), () => void begin());
onTap(orb, () => {
  if (microphone.state === "off") void begin();
});
for (const control of document.querySelectorAll("[data-button]")) {
  if (!(control instanceof HTMLElement)) continue;
  const pressed = /** @type {Button} */ (control.dataset.button);
  onTap(control, () => say({ type: "press", button: pressed }));
}
document.addEventListener("pointerup", () => void touched());
document.addEventListener("keyup", () => void touched());

startClock();
socket.connect();
void beginAlone();
