"""Listening in on what the page sends to the loudspeaker."""

from __future__ import annotations

import numpy as np

from hardware.base import Sound

# Everything that goes to the loudspeaker also goes to `heard`; `hushed` is when the order came.
TAPS = """
window.heard = [];
const connect = AudioNode.prototype.connect;
AudioNode.prototype.connect = function (target, ...rest) {
  if (target instanceof AudioDestinationNode) {
    window.tap ??= new AnalyserNode(this.context, { fftSize: 2048 });
    connect.call(this, window.tap);
  }
  return connect.call(this, target, ...rest);
};
window.level = (samples) => {
  const seen = new Float32Array(2048);
  window.tap.getFloatTimeDomainData(seen);
  return Math.max(...seen.slice(-samples).map(Math.abs));
};
window.lowest = () => {
  const seen = new Float32Array(2048);
  window.tap.getFloatTimeDomainData(seen);
  return Math.min(...seen.map(Math.abs));
};
const Socket = window.WebSocket;
window.WebSocket = class extends Socket {
  constructor(...args) {
    super(...args);
    this.addEventListener("message", ({ data }) => {
      if (typeof data !== "string" || !data.includes('"hush"')) return;
      const began = performance.now();
      const timer = setInterval(() => {
        if (window.level(32) > 0) return;
        window.silentAfterMs = performance.now() - began;
        clearInterval(timer);
      }, 1);
    });
  }
};
window.WebSocket.OPEN = Socket.OPEN;
"""


def tone(seconds: float, rate_hz: int = 24_000) -> Sound:
    """A constant level: any gap shows."""
    return Sound(np.full(int(seconds * rate_hz), 16_384, np.int16), rate_hz)
