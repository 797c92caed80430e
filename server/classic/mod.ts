/**
 * The server's part for classic MIM: the table and the log in its words, and dials that notice whose machine is
 * gone. Knows nothing of MIM/2.
 *
 * @module
 */

export { ClassicListeners } from "./classic_listeners.ts";
export { ClassicService } from "./classic_service.ts";
