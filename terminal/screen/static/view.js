// @ts-check
/** What is on the screen: shows messages, and forgets them. */

import { answerCards, isAside } from "./answer.js";
import { button, clauses, find, icon, make } from "./dom.js";
import { Rating } from "./rating.js";
import { dropTaps, restTaps } from "./tap.js";

/** @typedef {import("./protocol.js").Home} Home */
/** @typedef {import("./protocol.js").Reply} Reply */
/** @typedef {import("./protocol.js").State} State */
/** @typedef {import("./protocol.js").MicrophoneState} MicrophoneState */
/** @typedef {import("./protocol.js").Outgoing} Outgoing */

const NOTE_MS = 12_000;

/** @type {Record<State, string>} */
const STATE_WORDS = {
  idle: "请直接说话",
  attentive: "请讲",
  listening: "正在听",
  thinking: "正在想",
  speaking: "正在说",
  handoff: "人工服务",
  out_of_service: "暂停服务",
};

/** @type {Record<State, string>} */
const STATE_HINTS = {
  idle: "像平时说话一样问就行",
  attentive: "想问什么，直接说",
  listening: "不着急，慢慢说",
  thinking: "请稍等",
  speaking: "没听清可以点“再说一遍”",
  handoff: "请稍等，有事也可以直接找工作人员",
  out_of_service: "", // See closedHint.
};

/**
 * Out of service, whoever is in front needs to know where else to ask.
 * @param {string} counter
 * @param {string} phone
 */
function closedHint(counter, phone) {
  const where = `请到${counter || "人工窗口"}办理`;
  return phone ? `${where}，或者拨打 ${phone}` : where;
}

/** With no microphone there is nothing to say "speak" about. */
const TOUCH_WORDS = "请点按或打字";
const TOUCH_HINT = "点一个问题，或者在下面打字";

/** @type {Partial<Record<MicrophoneState, string>>} */
const TROUBLES = {
  denied: "麦克风没有打开。打字和点按都可以照常使用。",
  missing: "没有找到麦克风。打字和点按都可以照常使用。",
  lost: "麦克风断开了，正在重新连接。打字和点按都可以照常使用。",
  silent: "麦克风没有声音。打字和点按都可以照常使用。",
};

export class View {
  #word = find("word", HTMLElement);
  #hint = find("hint", HTMLElement);
  #caption = find("caption", HTMLElement);
  #note = find("note", HTMLElement);
  #answer = find("answer", HTMLElement);
  #home = find("home", HTMLElement);
  #scroll = find("scroll", HTMLElement);
  #more = find("more", HTMLButtonElement);
  #noteTimer = 0;
  /** Of the hall. */
  #phone = "";
  /** Where a person answers. */
  #counter = "";
  #prints = false;
  /** The turn whose words the caption shows. */
  #captionTurn = -1;
  /** @type {State} */
  #state = "idle";
  #reason = "";
  /** @type {MicrophoneState} */
  #microphone = "off";
  /** @type {(message: Outgoing) => void} */
  #say;
  #rating;

  /** @param {(message: Outgoing) => void} say */
  constructor(say) {
    this.#say = say;
    this.#rating = new Rating(say);
    this.#more.addEventListener("click", () => this.#scrollOn());
    this.#scroll.addEventListener("scroll", () => this.#offerMore(), { passive: true });
    const resized = new ResizeObserver(() => this.#offerMore());
    for (const part of [this.#scroll, this.#answer, this.#home]) resized.observe(part);
    this.#showWords();
  }

  /** @param {Home} home */
  showHome(home) {
    find("hall", HTMLElement).textContent = home.hall;
    find("greeting", HTMLElement).replaceChildren(...clauses(home.greeting));
    find("sample", HTMLElement).hidden = !home.sample;
    find("camera-sign", HTMLElement).hidden = (home.camera ?? "off") === "off";
    this.#phone = home.phone ?? "";
    this.#counter = home.counter ?? "";
    document.body.toggleAttribute("data-closed", home.closed ?? false);
    this.#prints = home.printer ?? false;
    const phone = find("phone", HTMLElement);
    phone.hidden = !home.phone;
    phone.textContent = home.phone ? `咨询电话 ${home.phone}` : "";
    const rows = home.suggestions.map(({ id, title }) => {
      const choose = () => this.#say({ type: "choose", id, aspect: null });
      return make("li", "", button("suggestion", choose, make("span", "", title), icon("right")));
    });
    find("suggestions", HTMLElement).replaceChildren(...rows);
    this.#home.classList.toggle("bare", rows.length === 0);
    this.#showWords();
    this.#leaveAnswer();
  }

  /**
   * @param {State} state
   * @param {number} turn
   * @param {string} reason why nobody is served
   */
  showState(state, turn, reason = "") {
    const busy = state === "listening" || state === "thinking";
    if (busy && turn !== this.#captionTurn) this.#caption.textContent = "";
    this.#state = state;
    this.#reason = reason;
    document.body.dataset.state = state;
    this.#showWords();
  }

  /**
   * @param {string} text
   * @param {number} turn
   */
  showCaption(text, turn) {
    this.#caption.textContent = text;
    this.#captionTurn = turn;
  }

  /** @param {Reply} reply */
  showReply(reply) {
    if (reply.heard) this.showCaption(reply.heard, reply.turn);
    if (isAside(reply)) {
      this.showNote(reply.spoken);
      return;
    }
    this.#clearNote();
    this.#answer.replaceChildren(...answerCards(reply, this.#say, this.#rating.cards(reply), this.#prints));
    this.#answer.classList.remove("whole");
    this.#answer.hidden = false;
    this.#home.hidden = true;
    document.body.dataset.screen = "answer";
    this.#scroll.scrollTo({ top: 0, behavior: "instant" });
    this.#offerMore();
  }

  /** @param {boolean} elder Large type and short screens, or the ordinary ones. */
  showMode(elder) {
    const mode = elder ? "elder" : "usual";
    if (mode === (document.documentElement.dataset.mode ?? "usual")) return;
    restTaps();
    document.documentElement.dataset.mode = mode;
    find("mode-name", HTMLElement).textContent = elder ? "普通版" : "长辈版";
    this.#scroll.scrollTo({ top: 0, behavior: "instant" });
  }

  /** @param {string} text */
  showNote(text) {
    clearTimeout(this.#noteTimer);
    this.#note.textContent = text;
    this.#note.hidden = false;
    this.#noteTimer = setTimeout(() => this.#clearNote(), NOTE_MS);
  }

  /** @param {MicrophoneState} state */
  showMicrophone(state) {
    this.#microphone = state;
    document.body.dataset.microphone = state;
    find("start", HTMLElement).hidden = state !== "off";
    find("trouble", HTMLElement).hidden = !(state in TROUBLES);
    find("trouble-text", HTMLElement).textContent = TROUBLES[state] ?? "";
    this.#showWords();
  }

  /** Remove every trace of what was said and answered. */
  wipe() {
    dropTaps();
    this.#caption.textContent = "";
    this.#clearNote();
    this.#leaveAnswer();
    this.#rating.wipe();
    this.showMode(false);
  }

  #leaveAnswer() {
    this.#answer.replaceChildren();
    this.#answer.hidden = true;
    this.#home.hidden = false;
    this.#caption.textContent = "";
    document.body.dataset.screen = "home";
    this.#scroll.scrollTo({ top: 0, behavior: "instant" });
    this.#offerMore();
  }

  #clearNote() {
    clearTimeout(this.#noteTimer);
    this.#note.textContent = "";
    this.#note.hidden = true;
  }

  #showWords() {
    const waiting = this.#state === "idle" || this.#state === "attentive";
    const deaf = waiting && this.#microphone !== "on";
    this.#word.textContent = deaf ? TOUCH_WORDS : STATE_WORDS[this.#state];
    const closed = this.#state === "out_of_service";
    const hint = closed ? closedHint(this.#counter, this.#phone) : STATE_HINTS[this.#state];
    this.#hint.textContent = deaf ? TOUCH_HINT : this.#reason + hint;
  }

  #offerMore() {
    const { scrollTop, scrollHeight, clientHeight } = this.#scroll;
    this.#more.hidden = scrollHeight - clientHeight - scrollTop < 24;
  }

  #scrollOn() {
    this.#scroll.scrollBy({ top: this.#scroll.clientHeight * 0.8 });
  }
}
