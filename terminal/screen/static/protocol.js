// @ts-check
/**
 * The messages of the kiosk's websocket, as types. Nothing runs here.
 *
 * @typedef {"idle"|"attentive"|"listening"|"thinking"|"speaking"|"handoff"|"out_of_service"} State
 * @typedef {"on"|"off"|"denied"|"missing"|"lost"|"silent"} MicrophoneState
 * @typedef {"on"|"off"|"denied"|"missing"|"lost"} CameraState
 * @typedef {"answered"|"clarify"|"command"|"handoff"|"refused"|"unknown"|"empty"} Outcome
 * @typedef {"staff"|"repeat"|"slower"|"louder"|"elder"|"stop"|"home"|"print"} Button
 * @typedef {{id: string, title: string}} Option
 * @typedef {{aspect: string, label: string}} AspectButton
 *
 * @typedef {object} Home
 * @property {"home"} type
 * @property {string} hall
 * @property {string} greeting
 * @property {boolean} sample The data describe a made-up city.
 * @property {Option[]} suggestions
 * @property {string} phone
 * @property {string} [counter] Where a person answers.
 * @property {boolean} [closed] Nothing is there to take what is typed or pressed.
 * @property {number} voice_rate Hertz.
 * @property {boolean} [printer] Whether a checklist can be printed.
 * @property {"off"|"browser"|"device"} camera Whose camera looks whether somebody is there.
 * @property {"browser"|"device"} microphone Whose microphone listens.
 *
 * @typedef {object} Reply
 * @property {"reply"} type
 * @property {number} turn
 * @property {Outcome} outcome
 * @property {string} heard Redacted.
 * @property {string} title
 * @property {string} spoken
 * @property {string} screen Lines.
 * @property {string|null} answer_id
 * @property {string|null} aspect
 * @property {Option[]} options
 * @property {string[]} steps
 * @property {string[]} materials
 * @property {[string, string][]} facts Label and value.
 * @property {AspectButton[]} aspects
 * @property {string} source
 *
 * @typedef {{type: "state", state: State, turn: number, reason?: string}} StateChange
 * @typedef {{type: "caption", turn: number, text: string}} Caption
 * @typedef {{type: "mode", elder: boolean}} Mode
 * @typedef {{type: "note", text: string}} Note
 * @typedef {{type: "microphone", state: MicrophoneState}} OwnMicrophone Of the kiosk's own.
 * @typedef {{type: "pause"}|{type: "resume"}|{type: "hush"}|{type: "wipe"}|{type: "replaced"}} Order
 * @typedef {Home|Reply|StateChange|Caption|Mode|Note|OwnMicrophone|Order} Incoming
 *
 * @typedef {{type: "typed", text: string}
 *   | {type: "choose", id: string, aspect: string|null}
 *   | {type: "press", button: Button}
 *   | {type: "rate", stars: number}
 *   | {type: "played", turn: number}
 *   | {type: "microphone", state: MicrophoneState}
 *   | {type: "camera", state: CameraState}} Outgoing
 */

export {};
