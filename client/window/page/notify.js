/** Tells the user of what comes while they look elsewhere: title, icon, sound, notifications. */

import { change, state } from "./store.js";

/** How much of a message a notification shows, in UTF-16 units. */
const PREVIEW_LENGTH = 300;
/** A sound at most this often, in milliseconds. */
const SOUND_INTERVAL_MS = 2_000;

let lastSound = 0;
let hasOffered = false;
let shownCount = -1;

/** The unread messages in all chats, and the requests; an invitation to a room is one. */
function unreadCount() {
  let sum = state.callers.length;
  for (const { unread, muted, room } of state.chats.values()) {
    if (!muted) sum += unread;
    if (room?.state === "invited") sum++;
  }
  return sum;
}

/** Shows in title and icon how much is unread. */
export function showCount() {
  const { me } = state;
  const unread = unreadCount();
  const name = me === undefined || me.state === "offline" ? "" : ` — ${me.name}`;
  const title = `${unread > 0 ? `(${unread}) ` : ""}MIM${name}`;
  if (document.title !== title) document.title = title;
  if (unread === shownCount) return;
  shownCount = unread;
  const mark = unread === 0 ? "" : "<circle cx='24' cy='8' r='8' fill='#d13b47'/>";
  const svg = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'>" +
    "<path d='M4 6h24v16H14l-6 6v-6H4z' fill='#2b4fc7'/>" + mark + "</svg>";
  document.querySelector("link[rel=icon]")?.setAttribute(
    "href",
    `data:image/svg+xml,${encodeURIComponent(svg)}`,
  );
}

/** Has screen readers announce something. @param {string} name @param {string} text */
export function announce(name, text) {
  const live = document.getElementById("live");
  if (live !== null) live.textContent = `${name}: ${text.slice(0, PREVIEW_LENGTH)}`;
}

/**
 * Announces something, and shows a notification and makes a sound if the user looks elsewhere.
 *
 * @param {string} name
 * @param {string} text
 * @param {{ isMuted?: boolean, onClick: () => void }} how
 */
export function notify(name, text, { isMuted = false, onClick }) {
  announce(name, text);
  const isElsewhere = document.hidden || !document.hasFocus();
  if (!isElsewhere || isMuted || state.me?.availability === "busy") return;
  if (state.me?.settings?.bell !== false) playSound();
  if (Notification.permission === "default" && !hasOffered) {
    hasOffered = true;
    change({ offersNotifications: true });
  }
  if (Notification.permission !== "granted" || state.me?.settings?.notify === false) return;
  const notification = new Notification(name, {
    body: text.slice(0, PREVIEW_LENGTH),
    tag: name,
    ...{ renotify: true, silent: true },
  });
  notification.onclick = () => {
    focus();
    notification.close();
    onClick();
  };
}

function playSound() {
  if (
    performance.now() - lastSound < SOUND_INTERVAL_MS || !navigator.userActivation?.hasBeenActive
  ) {
    return;
  }
  lastSound = performance.now();
  const audio = new AudioContext();
  const [tone, volume] = [audio.createOscillator(), audio.createGain()];
  tone.frequency.value = 660;
  volume.gain.setValueAtTime(0.08, audio.currentTime);
  volume.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + 0.25);
  tone.connect(volume).connect(audio.destination);
  tone.start();
  tone.stop(audio.currentTime + 0.25);
  tone.onended = () => void audio.close();
}
