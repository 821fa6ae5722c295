// @ts-check
/** The question typed by hand. */

import { find } from "./dom.js";

export class Keyboard {
  #form = find("ask", HTMLFormElement);

  /** @param {(text: string) => void} asked */
  constructor(asked) {
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      const text = this.#input().value.trim();
      this.#input().value = "";
      if (text) asked(text);
    });
  }

  /** Empty the line by putting a new one in its place: undo must not bring words back. */
  wipe() {
    const old = this.#input();
    old.value = ""; // Before the copy, which would take the words along.
    const fresh = /** @type {HTMLInputElement} */ (old.cloneNode(false));
    old.replaceWith(fresh);
  }

  #input() {
    return find("question", HTMLInputElement);
  }
}
