// @ts-check
/** The audio thread's half of the microphone: sound in, frames of 512 int16 samples out. */

import { Resampler } from "./resampler.js";

const FRAME_SAMPLES = 512;
const FRAME_RATE_HZ = 16_000;

class CaptureProcessor extends AudioWorkletProcessor {
  #frame = new Int16Array(FRAME_SAMPLES);
  #filled = 0;
  #resampler = sampleRate === FRAME_RATE_HZ ? null : new Resampler(sampleRate, FRAME_RATE_HZ);

  constructor() {
    super();
    this.port.onmessage = () => this.#forget();
  }

  /**
   * @param {Float32Array[][]} inputs
   * @returns {boolean}
   */
  process(inputs) {
    const samples = inputs[0]?.[0];
    if (samples) this.#take(this.#resampler ? this.#resampler.push(samples) : samples);
    return true;
  }

  /** @param {Float32Array} samples */
  #take(samples) {
    for (const sample of samples) {
      const clipped = Math.max(-1, Math.min(1, sample));
      this.#frame[this.#filled] = Math.round(clipped * 32767);
      this.#filled += 1;
      if (this.#filled === FRAME_SAMPLES) this.#send();
    }
  }

  #send() {
    const frame = this.#frame;
    this.#frame = new Int16Array(FRAME_SAMPLES);
    this.#filled = 0;
    this.port.postMessage(frame.buffer, [frame.buffer]);
  }

  #forget() {
    this.#frame.fill(0);
    this.#filled = 0;
    this.#resampler?.reset();
  }
}

registerProcessor("capture", CaptureProcessor);
