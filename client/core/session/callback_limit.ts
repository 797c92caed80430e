import { WindowLimit } from "../../../server/platform/util/window_limit.ts";

/** How often one user may ask to be called in this time, and all together. */
const CALLBACK_WINDOW_MS = 60_000;
const MAX_CALLBACKS_PER_USER = 6;
const MAX_CALLBACKS = 30;

/** Counts the requests to call someone back, by session. */
export function callbackLimit(): WindowLimit {
  return new WindowLimit({
    windowMs: CALLBACK_WINDOW_MS,
    maxPerKey: MAX_CALLBACKS_PER_USER,
    maxTotal: MAX_CALLBACKS,
  });
}
