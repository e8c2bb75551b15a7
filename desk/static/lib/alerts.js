// What calls an agent who looks elsewhere: the number in the title, and a short sound that can be muted.

const MUTED = "desk:muted";
const NOTES = { message: [880], waiting: [660, 880] }; // hertz
const NOTE_SECONDS = 0.12;
const LOUDNESS = 0.08;

export class Alerts {
  #title = "";
  #count = 0;
  #audio = null;

  constructor() {
    // Browsers allow sound only after the person has done something on the page.
    const allow = () => {
      this.#audio ??= new AudioContext();
      this.#audio.resume();
    };
    for (const event of ["pointerdown", "keydown"]) addEventListener(event, allow, { once: true, capture: true });
  }

  get muted() {
    return localStorage.getItem(MUTED) === "1";
  }

  set muted(value) {
    localStorage.setItem(MUTED, value ? "1" : "0");
  }

  /** The title of the page, and how much waits for the agent. */
  show(title, count) {
    if (title === this.#title && count === this.#count) return;
    this.#title = title;
    this.#count = count;
    document.title = count > 0 ? `(${count}) ${title}` : title;
  }

  /** Sound for `message` or `waiting`. */
  sound(kind) {
    if (this.muted || this.#audio?.state !== "running") return;
    NOTES[kind].forEach((pitch, index) => this.#note(pitch, this.#audio.currentTime + index * NOTE_SECONDS));
  }

  #note(pitch, at) {
    const tone = new OscillatorNode(this.#audio, { frequency: pitch, type: "sine" });
    const volume = new GainNode(this.#audio, { gain: 0 });
    volume.gain.setValueAtTime(0, at);
    volume.gain.linearRampToValueAtTime(LOUDNESS, at + 0.01);
    volume.gain.linearRampToValueAtTime(0, at + NOTE_SECONDS);
    tone.connect(volume).connect(this.#audio.destination);
    tone.start(at);
    tone.stop(at + NOTE_SECONDS);
  }
}
