// @ts-check
/** What covers the page while it cannot work. */

import { find } from "./dom.js";
import { onTap } from "./tap.js";

/** A short break is not worth frightening anybody. */
const GRACE_MS = 1200;

export class Overlay {
  #box = find("overlay", HTMLElement);
  #title = find("overlay-title", HTMLElement);
  #text = find("overlay-text", HTMLElement);
  #takeOver = find("take-over", HTMLButtonElement);
  #timer = 0;

  constructor() {
    onTap(this.#takeOver, () => location.reload());
  }

  /** The kiosk does not answer; shown unless it is back soon. */
  reconnecting() {
    if (this.#timer || !this.#box.hidden) return;
    this.#timer = setTimeout(() => {
      this.#show("正在重新连接", "请稍等一会儿。有急事请直接找工作人员。", "waiting");
    }, GRACE_MS);
  }

  /** Another tab is the kiosk's page now. */
  replaced() {
    this.hide();
    this.#show("已在另一个页面打开", "本页面已停止使用，麦克风也已关闭。", "replaced");
    this.#takeOver.hidden = false;
    this.#takeOver.focus();
  }

  hide() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.#box.hidden = true;
    this.#inert(false);
  }

  /**
   * @param {string} title
   * @param {string} text
   * @param {string} kind
   */
  #show(title, text, kind) {
    this.#title.textContent = title;
    this.#text.textContent = text;
    this.#box.dataset.kind = kind;
    this.#box.hidden = false;
    this.#inert(true);
  }

  /** @param {boolean} inert */
  #inert(inert) {
    for (const id of ["main", "bar"]) find(id, HTMLElement).inert = inert;
  }
}
