// @ts-check
/**
 * Taps. What a finger wants is what was under it when it came down.
 *
 * The browser's own click needs the same button under the finger when it goes up. On this page that
 * need not be: an answer comes, the state's words grow by a line, 往下看 appears over the last row.
 * A mouse's click then goes to nobody, and a touch presses what has come under the finger.
 */

/** A shaking finger taps twice; the second tap within this time is no second wish. */
const DOUBLE_TAP_MS = 400;

/** A finger that has gone farther, and off the button, has changed its mind. */
const SLOP_PX = 30;

/** A hand that rests on the glass for so long wants nothing; slow fingers take a second. */
const LONGEST_MS = 3000;

/**
 * @typedef {object} Press A finger, or the mouse, that is down on a button.
 * @property {number} x
 * @property {number} y
 * @property {number} atMs
 * @property {HTMLElement} target
 * @property {(atMs: number) => void} act
 */

/** @type {Map<number, Press>} By pointer. */
const presses = new Map();
let restUntilMs = -Infinity;

/** All buttons have moved: a second tap at the old place must not press a new one. */
export function restTaps() {
  restUntilMs = performance.now() + DOUBLE_TAP_MS;
}

/** The visit is over: what is held down was its own. */
export function dropTaps() {
  presses.clear();
}

/**
 * Run the action at a tap, once for a double tap.
 * @param {HTMLElement} target
 * @param {() => void} action
 */
export function onTap(target, action) {
  let last = -Infinity;
  const act = (/** @type {number} */ atMs) => {
    if (atMs - last < DOUBLE_TAP_MS) return;
    last = atMs;
    action();
  };
  target.addEventListener("pointerdown", ({ button, pointerId, clientX: x, clientY: y, timeStamp: atMs }) => {
    if (button === 0 && atMs >= restUntilMs) presses.set(pointerId, { x, y, atMs, target, act });
  });
  target.addEventListener("click", ({ detail, timeStamp }) => {
    const byPointer = detail > 0; // Not by a key, nor by a program that helps.
    if (!byPointer && timeStamp >= restUntilMs) act(timeStamp);
  });
}

/**
 * Whether the finger is where it came down, or still on the button, wherever that has gone.
 * @param {Press} press
 * @param {PointerEvent} event
 */
function stays({ x, y, atMs, target }, { clientX, clientY, timeStamp }) {
  if (timeStamp - atMs > LONGEST_MS) return false;
  if (Math.hypot(clientX - x, clientY - y) <= SLOP_PX) return true;
  const box = target.getBoundingClientRect();
  return box.left <= clientX && clientX < box.right && box.top <= clientY && clientY < box.bottom;
}

window.addEventListener("pointerup", (event) => {
  const press = presses.get(event.pointerId);
  presses.delete(event.pointerId);
  if (press && stays(press, event)) press.act(event.timeStamp);
});
// The finger scrolls.
window.addEventListener("pointercancel", ({ pointerId }) => presses.delete(pointerId));
