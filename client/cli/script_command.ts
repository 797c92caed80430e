import type { HostPort } from "../../protocol/mod.ts";
import {
  type ClientEvent,
  DEFAULT_SERVER,
  describeError,
  doctor,
  type Emit,
  exitCodeOf,
  toClientEvent,
} from "../app/mod.ts";
import { ClientError, Messenger } from "../core/mod.ts";
import { NoKeyError, openAccount, type Profile } from "../storage/mod.ts";
import { stdinLinesUpTo } from "../terminal/mod.ts";
import type { ClientOptions, ScriptTask } from "./options.ts";
import { sendCommand } from "./send_command.ts";
import { waitCommand } from "./wait_command.ts";
import { whoCommand } from "./who_command.ts";
import type { LineWriter } from "../../server/platform/cli/line_writer.ts";

/** A longer line of stdin is not kept in memory, in UTF-16 units. */
const MAX_LINE_LENGTH = 2 ** 20;

/** The events that a command shows; the others are for those who stay. */
const SHOWN: readonly ClientEvent["type"][] = ["user", "users", "sent", "error", "note"];

export interface ScriptCommandSetup
  extends Pick<ClientOptions, "listen" | "serverNamed" | "classic"> {
  readonly task: ScriptTask;
  readonly server: HostPort | undefined;
  readonly name: string;
  readonly profile: Profile;
  readonly emit: Emit;
  readonly output: LineWriter;
}

/** Logs in, does one command and logs out; returns the exit code, on a signal that of `stopped`. */
export async function runScriptCommand(
  { task, server = DEFAULT_SERVER, name, listen, serverNamed, ...setup }: ScriptCommandSetup,
  stopped: Promise<number>,
): Promise<number> {
  const emit: Emit = (event) => SHOWN.includes(event.type) && setup.emit(event);
  // A command proves the same key as the chat; only looking around makes none.
  let whyNoKey: string | undefined;
  const open = (classic: boolean) =>
    openAccount({
      profile: setup.profile,
      classic,
      makes: task.type === "send" || task.type === "doctor",
      alarm: (text) => emit({ type: "error", text }),
      // Nobody reads a message here: it stays unacknowledged, and the sender delivers it to a chat later.
      keep: () => {
        throw new Error("only a command runs here");
      },
    });
  using loaded = await open(setup.classic).catch((error) => {
    if (!(error instanceof NoKeyError) || task.type !== "doctor") throw error;
    whyNoKey = error.reason; // everything else can still be examined
    return open(true);
  });
  const { identity, store } = loaded;
  const isDefaultServer = !serverNamed;
  const messenger = new Messenger({ name, server, isDefaultServer, listen, identity, store });
  messenger.subscribe((event) => emit(toClientEvent(event, "command")));
  try {
    return await Promise.race([runTask(), stopped]);
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    emit({ type: "error", text: describeError(error, "command") });
    return exitCodeOf(error.code);
  } finally {
    await messenger.quit();
  }

  function runTask(): Promise<number> {
    switch (task.type) {
      case "send": {
        const texts = task.text === undefined ? pacedLines(setup.output) : [task.text];
        return sendCommand(messenger, task.to, texts);
      }
      case "wait":
        return waitCommand(messenger, task.who, task.seconds);
      case "doctor":
        return doctor(messenger, emit, whyNoKey);
      case "who":
        return whoCommand(messenger, emit);
    }
  }
}

/** The lines of stdin, no faster than the output about them is read. */
async function* pacedLines(output: LineWriter): AsyncGenerator<string, void> {
  for await (const line of stdinLinesUpTo(MAX_LINE_LENGTH)) {
    await output.ready();
    yield line;
  }
}
