// @ts-check
/** The camera: five small pictures a second to the kiosk, where it is wanted. Keeps none. */

/** @typedef {import("./protocol.js").CameraState} CameraState */

const EVERY_MS = 200;
const RETRY_MS = 5000;
/** A face near a kiosk is 20 points wide at that, and the detector sees 256. */
const WIDTH = 320;
const QUALITY = 0.7;
/** Before each picture on the socket, where sound goes too: "VIEW". */
const MARK = new Uint8Array([0x56, 0x49, 0x45, 0x57]);
/** A binary message of this length is a frame of sound. */
const SOUND_BYTES = 1024;

/** @type {MediaStreamConstraints} */
const CONSTRAINTS = {
  video: { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 10 }, facingMode: "user" },
};

/**
 * @typedef {object} Listener
 * @property {(state: CameraState) => void} state
 * @property {(view: ArrayBuffer) => void} view A JPEG behind the mark.
 */

export class Camera {
  /** @type {CameraState} */
  state = "off";
  /** The kiosk wants pictures. */
  wanted = false;
  /** @type {Listener} */
  #listener;
  /** @type {MediaStream|null} */
  #stream = null;
  #video = document.createElement("video");
  #canvas = document.createElement("canvas");
  #starting = false;
  #timer = 0;

  /** @param {Listener} listener */
  constructor(listener) {
    this.#listener = listener;
    this.#video.muted = true;
    this.#video.playsInline = true;
    setInterval(() => this.#recover(), RETRY_MS);
  }

  /** Whether the browser would give the camera without asking. */
  async granted() {
    try {
      const name = /** @type {PermissionName} */ ("camera");
      return (await navigator.permissions.query({ name })).state === "granted";
    } catch {
      return false;
    }
  }

  /** Open the camera if it is wanted; never throws, the outcome is the state. */
  async start() {
    if (!this.wanted || this.#starting || this.state === "on") return;
    this.#starting = true;
    this.#become(await this.#open());
    this.#starting = false;
  }

  /** Close it for good: another tab has taken over. */
  stop() {
    this.wanted = false;
    this.#close();
    this.#become("off");
  }

  /** @returns {Promise<CameraState>} */
  async #open() {
    if (!navigator.mediaDevices?.getUserMedia) return "missing";
    try {
      this.#stream = await navigator.mediaDevices.getUserMedia(CONSTRAINTS);
      for (const track of this.#stream.getTracks()) track.onended = () => this.#lose();
      this.#video.srcObject = this.#stream;
      await this.#video.play();
      this.#timer = setInterval(() => this.#take(), EVERY_MS);
      return "on";
    } catch (error) {
      this.#close();
      const name = error instanceof DOMException ? error.name : "";
      return name === "NotAllowedError" || name === "SecurityError" ? "denied" : "missing";
    }
  }

  #take() {
    const { videoWidth, videoHeight } = this.#video;
    if (!videoWidth) return;
    this.#canvas.width = WIDTH;
    this.#canvas.height = Math.round((WIDTH * videoHeight) / videoWidth);
    const context = this.#canvas.getContext("2d");
    context?.drawImage(this.#video, 0, 0, this.#canvas.width, this.#canvas.height);
    this.#canvas.toBlob((blob) => void this.#give(blob), "image/jpeg", QUALITY);
  }

  /** @param {Blob|null} blob */
  async #give(blob) {
    if (!blob || this.state !== "on") return;
    const jpeg = new Uint8Array(await blob.arrayBuffer());
    const length = MARK.length + jpeg.length;
    // A byte behind its end does not hurt a JPEG.
    const view = new Uint8Array(length === SOUND_BYTES ? length + 1 : length);
    view.set(MARK);
    view.set(jpeg, MARK.length);
    this.#listener.view(view.buffer);
  }

  #lose() {
    this.#close();
    this.#become("lost");
  }

  #recover() {
    if (this.state === "lost" || this.state === "missing") void this.start();
  }

  #close() {
    clearInterval(this.#timer);
    for (const track of this.#stream?.getTracks() ?? []) {
      track.onended = null;
      track.stop();
    }
    this.#video.srcObject = null;
    this.#canvas.width = 0; // The last picture goes too.
    this.#stream = null;
  }

  /** @param {CameraState} state */
  #become(state) {
    if (state === this.state) return;
    this.state = state;
    this.#listener.state(state);
  }
}
