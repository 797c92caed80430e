/** Someone at a client: what they type, and what they are shown. */

import { Context } from "../../../client/app/context.ts";
import { dispatch } from "../../../client/commands/mod.ts";
import type { Messenger } from "../../../client/core/mod.ts";
import { EventRecorder } from "../../helpers/event_recorder.ts";
import type { ClientEvent } from "../../../client/app/mod.ts";
import { type EventRecord, recordOf } from "../../../client/terminal/render/record.ts";

/** A client under test, and all that it shows. */
export class Screen extends EventRecorder<ClientEvent, EventRecord> {
  readonly context: Context;
  /** Whether the user is in the middle of a line. */
  typing = false;
  /** Whether the user has left. */
  left = false;

  constructor(user: Messenger) {
    super(`${user.name}'s screen`, recordOf);
    this.context = new Context(user, {
      emit: this.add,
      isTyping: () => this.typing,
      quit: () => this.left = true,
    });
  }

  /** Types a line. */
  run(line: string): Promise<void> {
    return dispatch(this.context, line);
  }

  /** Types lines, each when the one before is done. */
  async type(...lines: string[]): Promise<void> {
    for (const line of lines) await this.run(line);
  }

  /** The texts of all that a user is told beside the messenger's own events, since the last time. */
  told(): string[] {
    const told = this.all.filter(({ event }) => event === "note" || event === "error");
    this.clear();
    return told.map(({ event, text }) => `${event}: ${text}`);
  }

  /** The name of whoever lines go to. */
  get current(): string | undefined {
    return this.context.activeChat.current?.name;
  }
}
