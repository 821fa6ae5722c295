// @ts-check
/** The websocket to the kiosk: it comes back by itself. */

/** @typedef {import("./protocol.js").Incoming} Incoming */
/** @typedef {import("./protocol.js").Outgoing} Outgoing */

/** Close code: another tab is the kiosk's page now. */
const REPLACED = 4001;
const FIRST_WAIT_MS = 400;
const LONGEST_WAIT_MS = 4000;
/** One second of microphone: a socket this far behind gets no more sound. */
const MOST_BUFFERED_BYTES = 32_000;

/**
 * @typedef {object} Listener
 * @property {() => void} opened
 * @property {() => void} closed
 * @property {() => void} replaced
 * @property {(message: Incoming) => void} message
 * @property {(sound: ArrayBuffer) => void} sound
 */

export class KioskSocket {
  /** @type {WebSocket|null} */
  #socket = null;
  #waitMs = FIRST_WAIT_MS;
  /** @type {Listener} */
  #listener;

  /** @param {Listener} listener */
  constructor(listener) {
    this.#listener = listener;
  }

  connect() {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}/ws`);
    socket.binaryType = "arraybuffer";
    socket.onopen = () => this.#opened();
    socket.onmessage = (event) => this.#received(event.data);
    socket.onclose = (event) => this.#closed(event.code);
    this.#socket = socket;
  }

  /** @param {Outgoing} message */
  send(message) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  /** @param {ArrayBuffer} frame */
  sendFrame(frame) {
    const socket = this.#socket;
    if (socket?.readyState !== WebSocket.OPEN) return;
    if (socket.bufferedAmount < MOST_BUFFERED_BYTES) socket.send(frame);
  }

  #opened() {
    this.#waitMs = FIRST_WAIT_MS;
    this.#listener.opened();
  }

  /** @param {string|ArrayBuffer} data */
  #received(data) {
    if (typeof data === "string") this.#listener.message(JSON.parse(data));
    else this.#listener.sound(data);
  }

  /** @param {number} code */
  #closed(code) {
    if (code === REPLACED) {
      this.#listener.replaced();
      return;
    }
    this.#listener.closed();
    setTimeout(() => this.connect(), this.#waitMs * (0.8 + 0.4 * Math.random()));
    this.#waitMs = Math.min(LONGEST_WAIT_MS, this.#waitMs * 1.8);
  }
}
