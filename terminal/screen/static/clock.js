// @ts-check
/** Date and time in the page's corner. */

import { find } from "./dom.js";

const DAY = new Intl.DateTimeFormat("zh-CN", { month: "long", day: "numeric", weekday: "long" });
const HOUR = new Intl.DateTimeFormat("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false });
const EVERY_MS = 5000;

/** Show the time, and keep it right. */
export function startClock() {
  const day = find("day", HTMLElement);
  const hour = find("hour", HTMLElement);
  const show = () => {
    const now = new Date();
    day.textContent = DAY.format(now);
    hour.textContent = HOUR.format(now);
  };
  show();
  setInterval(show, EVERY_MS);
}
