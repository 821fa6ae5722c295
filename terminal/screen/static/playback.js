// @ts-check
/** The voice: pieces of PCM played without a gap, paused and silenced at once. */

const HEADER_BYTES = 8;
const USUAL_RATE_HZ = 24_000;
/** Head start of the first piece, so that the next one is there before it ends. */
const MARGIN_S = 0.06;
/** Fade at a hush: short enough to be at once, long enough not to click. */
const FADE_S = 0.012;
/** How long the browser may take to say that sound is allowed. */
const PERMISSION_MS = 400;

export class Playback {
  /** @type {AudioContext|null} */
  #context = null;
  /** @type {GainNode|null} */
  #gate = null;
  #rateHz = USUAL_RATE_HZ;
  /** The kiosk wants silence for a moment; nothing else may let the sound go on. */
  #paused = false;
  /** Counts pauses: a freeze that comes after the resume must not happen. */
  #pauses = 0;
  /** When the last scheduled piece ends, on the context's clock. */
  #nextS = 0;
  /** @type {Map<AudioBufferSourceNode, number>} Each piece being played, and its turn. */
  #pieces = new Map();
  /** @type {Set<number>} Turns of which all pieces have come. */
  #complete = new Set();
  /** @type {Set<number>} */
  #timers = new Set();
  /** @type {(turn: number) => void} */
  #played;

  /** @param {(turn: number) => void} played Called when the last sound of a turn was heard. */
  constructor(played) {
    this.#played = played;
  }

  /**
   * The rate at which the voice will come: a context at this rate joins pieces exactly.
   * @param {number} rateHz
   */
  prepare(rateHz) {
    if (rateHz === this.#rateHz || !(rateHz >= 8000 && rateHz <= 96_000)) return;
    this.#rateHz = rateHz;
    if (!this.#context) return;
    this.hush();
    void this.#context.close();
    this.#context = null;
    void this.unlock();
  }

  /**
   * Ask for sound; browsers want a gesture for it, kiosk browsers do not.
   * @returns {Promise<boolean>} Whether sound can be heard.
   */
  async unlock() {
    this.#context ??= this.#open();
    if (this.#paused) return true; // A touch must not let a paused answer go on.
    const patience = new Promise((resolve) => setTimeout(resolve, PERMISSION_MS));
    await Promise.race([this.#context.resume(), patience]);
    return this.#context.state === "running";
  }

  /**
   * Take a message of the socket: turn, rate, PCM; no PCM ends the turn.
   * @param {ArrayBuffer} message
   */
  take(message) {
    const header = new DataView(message);
    const turn = header.getUint32(0, true);
    if (message.byteLength > HEADER_BYTES) {
      this.#play(turn, header.getUint32(4, true), new Int16Array(message, HEADER_BYTES));
    } else {
      this.#complete.add(turn);
      this.#report(turn);
    }
  }

  /** Be silent at once and keep what is queued: the context's clock stands still. */
  pause() {
    const context = this.#context;
    if (this.#paused || context?.state !== "running" || !this.#gate) return;
    this.#paused = true;
    this.#pauses += 1;
    const pause = this.#pauses;
    fade(this.#gate, context, 1, 0);
    setTimeout(() => {
      if (this.#paused && pause === this.#pauses) void context.suspend();
    }, 1000 * FADE_S);
  }

  /** Go on where `pause` stopped. */
  resume() {
    const context = this.#context;
    if (!this.#paused || !context || !this.#gate) return;
    this.#paused = false;
    fade(this.#gate, context, 0, 1);
    void context.resume();
  }

  /** Be silent at once and forget what was queued. */
  hush() {
    const context = this.#context;
    const paused = this.#paused;
    this.#paused = false;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.#complete.clear();
    this.#nextS = 0;
    if (context && this.#gate) {
      if (paused) this.#gate.disconnect(); // Silent already: nothing to fade.
      else fade(this.#gate, context, 1, 0);
      this.#gate = openGate(context);
    }
    if (paused) void context?.resume();
    for (const piece of this.#pieces.keys()) {
      piece.onended = () => piece.disconnect();
      piece.stop((context?.currentTime ?? 0) + FADE_S);
    }
    this.#pieces.clear();
  }

  #open() {
    const context = new AudioContext({ sampleRate: this.#rateHz, latencyHint: "interactive" });
    this.#gate = openGate(context);
    return context;
  }

  /**
   * @param {number} turn
   * @param {number} rateHz
   * @param {Int16Array} pcm
   */
  #play(turn, rateHz, pcm) {
    const context = this.#context;
    // Locked sound is not kept: it would come late, out of its turn. The text is on the screen.
    if (!context || !this.#gate || !(this.#paused || context.state === "running")) return;
    const piece = context.createBufferSource();
    piece.buffer = toBuffer(context, rateHz, pcm);
    piece.connect(this.#gate);
    piece.onended = () => this.#ended(piece);
    const late = this.#nextS < context.currentTime;
    const startS = late ? context.currentTime + MARGIN_S : this.#nextS;
    piece.start(startS);
    this.#nextS = startS + piece.buffer.duration;
    this.#pieces.set(piece, turn);
  }

  /** @param {AudioBufferSourceNode} piece */
  #ended(piece) {
    const turn = this.#pieces.get(piece);
    this.#pieces.delete(piece);
    piece.disconnect();
    if (turn !== undefined) this.#report(turn);
  }

  /**
   * Report a turn once it is complete and the loudspeaker has caught up.
   * @param {number} turn
   */
  #report(turn) {
    if (!this.#complete.has(turn) || [...this.#pieces.values()].includes(turn)) return;
    this.#complete.delete(turn);
    const latencyMs = 1000 * (this.#context?.outputLatency ?? 0);
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#played(turn);
    }, latencyMs);
    this.#timers.add(timer);
  }
}

/** @param {AudioContext} context */
function openGate(context) {
  const gate = context.createGain();
  gate.connect(context.destination);
  return gate;
}

/**
 * @param {GainNode} gate
 * @param {AudioContext} context
 * @param {number} from
 * @param {number} to
 */
function fade(gate, context, from, to) {
  const now = context.currentTime;
  gate.gain.cancelScheduledValues(now);
  gate.gain.setValueAtTime(from, now);
  gate.gain.linearRampToValueAtTime(to, now + FADE_S);
}

/**
 * @param {AudioContext} context
 * @param {number} rateHz
 * @param {Int16Array} pcm
 */
function toBuffer(context, rateHz, pcm) {
  const buffer = context.createBuffer(1, pcm.length, rateHz);
  const samples = buffer.getChannelData(0);
  for (let index = 0; index < pcm.length; index += 1) samples[index] = pcm[index] / 32768;
  return buffer;
}
