// @ts-check
/** Sample-rate conversion of a stream, for browsers that refuse a 16 kHz microphone. */

/** Sinc lobes on each side; enough for about 60 dB against aliases with the Blackman window. */
const LOBES = 16;

export class Resampler {
  /** @type {Float32Array} Input not yet fully used. */
  #held;
  /** Where the next output sample lies in `#held`. */
  #position;
  #step;
  #cutoff;
  #reach;

  /**
   * @param {number} fromHz
   * @param {number} toHz
   */
  constructor(fromHz, toHz) {
    this.#step = fromHz / toHz;
    this.#cutoff = Math.min(1, toHz / fromHz) * 0.92;
    this.#reach = Math.ceil(LOBES / this.#cutoff);
    this.#held = new Float32Array(this.#reach);
    this.#position = this.#reach;
  }

  /** Forget the sound that is held back. */
  reset() {
    this.#held = new Float32Array(this.#reach);
    this.#position = this.#reach;
  }

  /**
   * @param {Float32Array} input
   * @returns {Float32Array} As many samples as are now certain.
   */
  push(input) {
    const held = new Float32Array(this.#held.length + input.length);
    held.set(this.#held);
    held.set(input, this.#held.length);
    const output = [];
    while (this.#position + this.#reach < held.length) {
      output.push(this.#at(held, this.#position));
      this.#position += this.#step;
    }
    const used = Math.max(0, Math.floor(this.#position) - this.#reach);
    this.#held = held.slice(used);
    this.#position -= used;
    return Float32Array.from(output);
  }

  /**
   * @param {Float32Array} held
   * @param {number} position
   */
  #at(held, position) {
    const first = Math.ceil(position - this.#reach);
    const last = Math.floor(position + this.#reach);
    let sum = 0;
    for (let index = Math.max(0, first); index <= last; index += 1) {
      sum += held[index] * this.#kernel(index - position);
    }
    return sum;
  }

  /** @param {number} offset Input samples from the centre. */
  #kernel(offset) {
    const x = offset * this.#cutoff;
    const sinc = x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
    const phase = (Math.PI * offset) / this.#reach;
    const window = 0.42 + 0.5 * Math.cos(phase) + 0.08 * Math.cos(2 * phase);
    return this.#cutoff * sinc * window;
  }
}
