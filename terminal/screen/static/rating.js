// @ts-check
/** The five grades of 好差评, below an answer: once a visit, and nobody has to. */

import { button, make } from "./dom.js";

/** @typedef {import("./protocol.js").Outgoing} Outgoing */
/** @typedef {import("./protocol.js").Reply} Reply */

/** From five stars to one. */
const GRADES = ["非常满意", "满意", "基本满意", "不满意", "非常不满意"];

const RATED = new Set(["answered", "handoff", "unknown", "refused"]);

export class Rating {
  #given = false;
  /** @type {(message: Outgoing) => void} */
  #say;

  /** @param {(message: Outgoing) => void} say */
  constructor(say) {
    this.#say = say;
  }

  /** A visit is over: the next may rate. */
  wipe() {
    this.#given = false;
  }

  /**
   * The card for the end of an answer, or nothing where there is nothing to rate.
   * @param {Reply} reply
   * @returns {HTMLElement[]}
   */
  cards(reply) {
    if (this.#given || !RATED.has(reply.outcome)) return [];
    const title = make("h3", "rating-title", "这次服务您满意吗？（可以不选）");
    const card = make("section", "rating rest", title);
    const rate = (/** @type {number} */ stars) => {
      this.#given = true;
      this.#say({ type: "rate", stars });
      card.replaceChildren(make("p", "rating-title", "谢谢您的评价！"));
    };
    const grades = GRADES.map((word, place) => button("grade", () => rate(5 - place), word));
    card.append(make("div", "row", ...grades));
    return [card];
  }
}
