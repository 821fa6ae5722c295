// @ts-check
/** The answer on the screen, built from a reply. */

import { button, icon, make } from "./dom.js";

/** @typedef {import("./protocol.js").Reply} Reply */
/** @typedef {import("./protocol.js").Outcome} Outcome */
/** @typedef {import("./protocol.js").Outgoing} Outgoing */
/** @typedef {(message: Outgoing) => void} Say */

/** What stands above the title, drawing and word: what kind of reply this is, at a glance. */
const KINDS = /** @type {Record<Outcome, [string, string]>} */ ({
  answered: ["check", "为您查到"],
  clarify: ["question", "请选一项"],
  command: ["check", "好的"],
  handoff: ["staff", "人工服务"],
  refused: ["staff", "请到人工窗口"],
  unknown: ["info", "暂时没有查到"],
  empty: ["microphone", "请再说一遍"],
});

/** Fact labels and their drawings; the first that occurs in the label wins. */
const FACT_ICONS = /** @type {[RegExp, string][]} */ ([
  [/费|钱|价/, "money"],
  [/窗口|地点|地址|位置|哪/, "place"],
  [/限|时间|多久|几天|日/, "time"],
  [/电话|咨询|投诉/, "phone"],
]);

/** A fact longer than this gets a row of its own. */
const LONG_FACT = 13;

/** Their effect is heard and seen at once: no page of words is needed for it. */
const ASIDES = new Set(["control.repeat", "control.slower", "control.louder", "control.elder_mode", "control.print"]);

const WANTS_STAFF = new Set(["unknown", "refused", "empty"]);

/**
 * Whether a reply is only a short word ("好的，慢一点") that must not push an answer away.
 * @param {Reply} reply
 */
export function isAside(reply) {
  const lists = [reply.options, reply.steps, reply.materials, reply.facts];
  const more = lists.some((list) => list.length > 0);
  const short = ASIDES.has(reply.answer_id ?? "") || !detailsOf(reply);
  return reply.outcome === "command" && !more && short;
}

/**
 * The children of the answer's article. What elder mode keeps behind 更多 has the class `rest`.
 * @param {Reply} reply
 * @param {Say} say
 * @param {HTMLElement[]} last What stands behind the answer's own cards.
 * @param {boolean} prints Whether there is a printer.
 * @returns {HTMLElement[]}
 */
export function answerCards(reply, say, last, prints) {
  const cards = [
    headCard(reply),
    ...(reply.outcome === "answered" ? [] : [detailsCard(reply)]),
    optionsCard(reply, say),
    factsCard(reply),
    listsCard(reply, prints ? printButton(say) : null),
    staffCard(reply, say),
    aspectsCard(reply, say),
    ...(reply.outcome === "answered" ? [detailsCard(reply)] : []),
    sourceLine(reply),
    ...last,
  ].filter((card) => card !== null);
  const rest = cards.some((card) => card.matches(".rest") || card.querySelector(".rest"));
  return rest ? [...cards, unfoldButton()] : cards;
}

function unfoldButton() {
  const made = button("unfold", () => {
    const article = made.closest(".answer");
    article?.classList.add("whole");
    article?.querySelector(".rest")?.scrollIntoView();
  }, "更多", icon("down"));
  return made;
}

/** @param {Reply} reply */
function headCard(reply) {
  const card = make("header", `head ${reply.outcome}`);
  card.setAttribute("aria-live", "polite");
  const [drawing, word] = KINDS[reply.outcome];
  card.append(make("p", "kind", icon(drawing), word));
  // The spoken question only lists the options, which stand below as buttons.
  const asking = reply.outcome === "clarify" && reply.title && reply.options.length > 0;
  if (asking) {
    card.append(make("h2", "spoken", reply.title));
  } else {
    if (reply.title) card.append(make("h2", "title", reply.title));
    if (reply.spoken) card.append(make("p", "spoken", reply.spoken));
  }
  return card;
}

/**
 * @param {Reply} reply
 * @param {Say} say
 */
function optionsCard(reply, say) {
  if (!reply.options.length) return null;
  const choices = reply.options.map(({ id, title }) => {
    const choose = () => say({ type: "choose", id, aspect: null });
    return make("li", "", button("option", choose, make("span", "", title), icon("right")));
  });
  return make("ul", "options", ...choices);
}

/** @param {Reply} reply */
function factsCard(reply) {
  if (!reply.facts.length) return null;
  const facts = reply.facts.map(([label, value]) => {
    const drawing = FACT_ICONS.find(([pattern]) => pattern.test(label))?.[1] ?? "info";
    const words = make("div", "", make("dt", "", label), make("dd", "", value));
    const fact = make("div", value.length > LONG_FACT ? "fact long" : "fact", icon(drawing), words);
    fact.classList.toggle("rest", drawing !== "place");
    return fact;
  });
  const card = make("dl", "facts", ...facts);
  card.classList.toggle("rest", facts.every((fact) => fact.matches(".rest")));
  return card;
}

/**
 * @param {Reply} reply
 * @param {HTMLElement|null} print
 */
function listsCard(reply, print) {
  const cards = [];
  if (reply.materials.length) cards.push(materialsCard(reply.materials));
  if (reply.materials.length && print) cards[0]?.append(print);
  if (reply.steps.length) cards.push(stepsCard(reply.steps));
  if (!cards.length) return null;
  return make("div", reply.materials.length ? "lists" : "lists rest", ...cards);
}

/** @param {Say} say */
function printButton(say) {
  const print = () => say({ type: "press", button: "print" });
  return button("print", print, icon("printer"), "打印材料清单");
}

/** @param {string[]} materials */
function materialsCard(materials) {
  const rows = materials.map((material) => {
    const [name, ...rest] = material.split("：");
    const words = make("div", "", make("p", "", name));
    if (rest.length) words.append(make("p", "extra", rest.join("：")));
    return make("li", "", make("span", "box", icon("check")), words);
  });
  return titled("folder", "需要带的材料", make("ul", "materials", ...rows));
}

/** @param {string[]} steps */
function stepsCard(steps) {
  const rows = steps.map((step) => make("li", "", make("span", "", step)));
  const card = titled("list", "办理步骤", make("ol", "steps", ...rows));
  card.classList.add("rest");
  return card;
}

/** @param {Reply} reply */
function detailsCard(reply) {
  const lines = detailsOf(reply);
  if (!lines) return null;
  const rows = lines.split("\n").map((line) => make("p", "", line));
  const details = make("div", "details", ...rows);
  if (reply.outcome !== "answered") return details;
  const card = titled("info", "详细说明", details);
  card.classList.add("rest");
  return card;
}

/**
 * @param {Reply} reply
 * @param {Say} say
 */
function staffCard(reply, say) {
  if (!WANTS_STAFF.has(reply.outcome)) return null;
  const call = () => say({ type: "press", button: "staff" });
  return make("div", "help", button("call-staff", call, icon("staff"), "请工作人员帮忙"));
}

/**
 * @param {Reply} reply
 * @param {Say} say
 */
function aspectsCard(reply, say) {
  const id = reply.answer_id;
  if (!id || !reply.aspects.length) return null;
  const buttons = reply.aspects.map(({ aspect, label }) => {
    const made = button("aspect", () => say({ type: "choose", id, aspect }), label);
    if (aspect === reply.aspect) made.setAttribute("aria-current", "true");
    return made;
  });
  const heading = make("h3", "aspects-title", "您还可以问");
  return make("section", "aspects rest", heading, make("div", "row", ...buttons));
}

/** @param {Reply} reply */
function sourceLine(reply) {
  return reply.source ? make("p", "source rest", `依据：${reply.source}`) : null;
}

/**
 * @param {string} drawing
 * @param {string} title
 * @param {HTMLElement} body
 */
function titled(drawing, title, body) {
  return make("section", "card", make("h3", "card-title", icon(drawing), title), body);
}

/**
 * The lines that say more than the spoken sentence; empty if there are none.
 * @param {Reply} reply
 */
function detailsOf(reply) {
  const lines = reply.screen.split("\n").map((line) => line.trim());
  const told = new Set([reply.spoken.trim(), reply.title.trim(), ""]);
  return lines.filter((line) => !told.has(line)).join("\n");
}
