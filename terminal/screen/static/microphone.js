// @ts-check
/** The microphone: permission, capture, and noticing when it goes. */

/** @typedef {import("./protocol.js").MicrophoneState} MicrophoneState */

const FRAME_RATE_HZ = 16_000;
/** 512 samples last 32 ms: this many ms without a frame means that the device is gone. */
const SILENT_MS = 3000;
const RETRY_MS = 5000;

/** @type {MediaStreamConstraints} */
const CONSTRAINTS = {
  audio: { channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true },
};

/**
 * @typedef {object} Listener
 * @property {(state: MicrophoneState) => void} state
 * @property {(frame: ArrayBuffer) => void} frame 512 samples, int16 little-endian, 16 kHz.
 */

export class Microphone {
  /** @type {MicrophoneState} */
  state = "off";
  /** The kiosk listens with this one, not with one of its own. */
  wanted = true;
  /** @type {Listener} */
  #listener;
  /** @type {MediaStream|null} */
  #stream = null;
  /** @type {AudioContext|null} */
  #context = null;
  /** @type {AudioWorkletNode|null} */
  #node = null;
  #starting = false;
  #heardAt = 0;

  /** @param {Listener} listener */
  constructor(listener) {
    this.#listener = listener;
    setInterval(() => this.#watch(), 1000);
    navigator.mediaDevices?.addEventListener("devicechange", () => this.#recover());
    setInterval(() => this.#recover(), RETRY_MS);
  }

  /** Whether the browser would give the microphone without asking. */
  async granted() {
    try {
      const name = /** @type {PermissionName} */ ("microphone");
      return (await navigator.permissions.query({ name })).state === "granted";
    } catch {
      return false;
    }
  }

  /** Open the microphone; never throws, the outcome is the state. */
  async start() {
    if (!this.wanted || this.#starting || this.state === "on") return;
    this.#starting = true;
    this.#become(await this.#open());
    this.#starting = false;
  }

  /** Close it for good: another tab has taken over, or the kiosk has its own. */
  stop() {
    this.#close();
    this.#become("off");
  }

  /** Throw away the sound of the frame that is being filled. */
  forget() {
    this.#node?.port.postMessage("forget");
  }

  /** @returns {Promise<MicrophoneState>} */
  async #open() {
    if (!navigator.mediaDevices?.getUserMedia || !window.AudioWorkletNode) return "missing";
    try {
      this.#stream = await navigator.mediaDevices.getUserMedia(CONSTRAINTS);
      await this.#capture(this.#stream);
      return "on";
    } catch (error) {
      this.#close();
      const name = error instanceof DOMException ? error.name : "";
      return name === "NotAllowedError" || name === "SecurityError" ? "denied" : "missing";
    }
  }

  /** @param {MediaStream} stream */
  async #capture(stream) {
    const [context, source] = openSource(stream);
    this.#context = context;
    await context.audioWorklet.addModule("/static/capture-worklet.js");
    const node = new AudioWorkletNode(context, "capture", { numberOfOutputs: 0 });
    node.port.onmessage = (event) => this.#frame(event.data);
    source.connect(node);
    this.#node = node;
    for (const track of stream.getTracks()) track.onended = () => this.#lose();
    await context.resume();
    this.#heardAt = performance.now();
  }

  /** @param {ArrayBuffer} frame */
  #frame(frame) {
    this.#heardAt = performance.now();
    this.#listener.frame(frame);
  }

  #watch() {
    if (this.state === "on" && performance.now() - this.#heardAt > SILENT_MS) this.#lose();
  }

  #lose() {
    this.#close();
    this.#become("lost");
  }

  #recover() {
    if (this.state === "lost" || this.state === "missing") void this.start();
  }

  #close() {
    for (const track of this.#stream?.getTracks() ?? []) {
      track.onended = null;
      track.stop();
    }
    if (this.#node) this.#node.port.onmessage = null;
    void this.#context?.close();
    this.#stream = null;
    this.#context = null;
    this.#node = null;
  }

  /** @param {MicrophoneState} state */
  #become(state) {
    if (state === this.state) return;
    this.state = state;
    this.#listener.state(state);
  }
}

/**
 * A context at 16 kHz if the browser takes the stream at that rate, else at its own:
 * the worklet then converts.
 * @param {MediaStream} stream
 * @returns {[AudioContext, MediaStreamAudioSourceNode]}
 */
function openSource(stream) {
  const wanted = new AudioContext({ sampleRate: FRAME_RATE_HZ });
  try {
    return [wanted, wanted.createMediaStreamSource(stream)];
  } catch {
    void wanted.close();
    const own = new AudioContext();
    return [own, own.createMediaStreamSource(stream)];
  }
}

/**
 * How loud a frame is, 0 to 1 on a scale that suits the eye.
 * @param {ArrayBuffer} frame
 */
export function loudness(frame) {
  const samples = new Int16Array(frame);
  let energy = 0;
  for (const sample of samples) energy += sample * sample;
  const decibels = 10 * Math.log10(energy / samples.length / 32768 ** 2 + 1e-9);
  return Math.max(0, Math.min(1, (decibels + 60) / 45));
}
