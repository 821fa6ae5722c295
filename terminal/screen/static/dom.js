// @ts-check
/** Building and finding elements. Text goes in as text, never as markup. */

import { onTap } from "./tap.js";

const SVG = "http://www.w3.org/2000/svg";

/**
 * The element with this id.
 * @template {HTMLElement} T
 * @param {string} id
 * @param {new () => T} kind
 * @returns {T}
 */
export function find(id, kind) {
  const found = document.getElementById(id);
  if (found instanceof kind) return found;
  throw new Error(`index.html lacks #${id}`);
}

/**
 * A new element with a class and children; strings become text.
 * @param {string} tag
 * @param {string} className
 * @param {...(Node|string)} children
 * @returns {HTMLElement}
 */
export function make(tag, className, ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

/**
 * A drawing from the page's sprite.
 * @param {string} name
 * @returns {SVGElement}
 */
export function icon(name) {
  const drawing = document.createElementNS(SVG, "svg");
  drawing.setAttribute("class", "icon");
  drawing.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#i-${name}`);
  drawing.append(use);
  return drawing;
}

/**
 * A large sentence in pieces that break after punctuation rather than inside a word.
 * @param {string} sentence
 * @returns {HTMLElement[]}
 */
export function clauses(sentence) {
  const pieces = sentence.match(/[^，。！？；]+[，。！？；]*/g) ?? [];
  return pieces.map((piece) => make("span", "clause", piece));
}

/**
 * A new button.
 * @param {string} className
 * @param {() => void} action
 * @param {...(Node|string)} children
 * @returns {HTMLButtonElement}
 */
export function button(className, action, ...children) {
  const made = /** @type {HTMLButtonElement} */ (make("button", className, ...children));
  made.type = "button";
  onTap(made, action);
  return made;
}
