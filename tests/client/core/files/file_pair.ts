/** Two users with folders of their own, and files between them. */

import {
  createTestNetwork,
  type TestNetwork,
  type TestUser,
} from "../../../../client/testing/mod.ts";
import type { Chat, MessengerOptions, Transfer } from "../../../../client/core/mod.ts";
import { openFiles } from "../../../../client/storage/mod.ts";
import type { Connection, Network } from "../../../../server/mod.ts";

export const MIB = 1_048_576;

/** Two users, the first of whom has called the second. */
export class FilePair implements AsyncDisposable {
  readonly folder: string = Deno.makeTempDirSync({ prefix: "mim-test-" });
  readonly network: TestNetwork = createTestNetwork();
  readonly #closing = new AsyncDisposableStack();

  constructor() {
    this.#closing.defer(() => Deno.remove(this.folder, { recursive: true }));
  }

  get downloads(): string {
    return `${this.folder}/downloads`;
  }

  /** A user with files in a folder of that name. */
  async user(name: string, options: Partial<MessengerOptions> = {}): Promise<TestUser> {
    const files = await openFiles(`${this.folder}/${name}`, { downloads: this.downloads });
    this.#closing.defer(() => files[Symbol.dispose]());
    return await this.network.login(name, { files, ...options });
  }

  /** Both of them, and the chat that ada has opened. */
  async call(
    options: {
      readonly ada?: Partial<MessengerOptions>;
      readonly bob?: Partial<MessengerOptions>;
    } = {},
  ): Promise<{ ada: TestUser; bob: TestUser; chat: Chat }> {
    const ada = await this.user("ada", options.ada);
    const bob = await this.user("bob", options.bob);
    const chat = await ada.chats.call(await ada.users.find("bob", { timeoutMs: 60_000 }));
    return { ada, bob, chat };
  }

  /** Writes a file of random bytes, and returns its path. */
  async file(path: string, size: number): Promise<string> {
    const full = `${this.folder}/sources/${path}`;
    await Deno.mkdir(full.slice(0, full.lastIndexOf("/")), { recursive: true });
    await Deno.writeFile(full, randomBytes(size));
    return full;
  }

  /** The names in the folder for incoming files, sorted. */
  get received(): string[] {
    return Array.from(Deno.readDirSync(this.downloads), ({ name }) => name).sort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.network[Symbol.asyncDispose]();
    await this.#closing.disposeAsync();
  }
}

export function randomBytes(size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size; at += 65_536) crypto.getRandomValues(bytes.subarray(at, at + 65_536));
  return bytes;
}

/** Offers something, and waits until the other side has the offer. */
export async function offered(
  bob: TestUser,
  send: () => Promise<Transfer>,
): Promise<{ given: Transfer; taken: Transfer }> {
  const event = bob.waitFor("file-offered", { timeoutMs: 60_000 });
  const given = await send();
  return { given, taken: (await event).transfer };
}

/** A network on which file links that are dialed break after so many bytes; counts what goes over them. */
export class BreakingNetwork implements Network {
  readonly #network: Network;
  readonly #breaks: number[];
  /** How many bytes were written to file links. */
  written = 0;
  /** How many of them were dialed. */
  links = 0;

  /** @param breaks for each link, after how many bytes it breaks; later ones don't */
  constructor(network: Network, breaks: readonly number[] = []) {
    this.#network = network;
    this.#breaks = [...breaks];
  }

  listen: Network["listen"] = (at) => this.#network.listen(at);

  connect: Network["connect"] = async (to) => {
    const connection = await this.#network.connect(to);
    let limit: number | undefined;
    let count = 0;
    const write = async (bytes: Uint8Array) => {
      if (count === 0 && bytes[4] === 0x46) {
        limit = this.#breaks.shift() ?? Infinity;
        this.links++;
      }
      const length = await connection.write(bytes);
      count += length;
      if (limit !== undefined) this.written += length;
      if (limit !== undefined && count > limit) {
        connection.close();
        throw new Deno.errors.ConnectionReset("cut");
      }
      return length;
    };
    return wrapped(connection, { write });
  };
}

function wrapped(connection: Connection, { write }: Pick<Connection, "write">): Connection {
  return {
    remoteAddr: connection.remoteAddr,
    localAddr: connection.localAddr,
    read: (buffer) => connection.read(buffer),
    write,
    closeWrite: () => connection.closeWrite(),
    close: () => connection.close(),
    setNoDelay: (noDelay) => connection.setNoDelay(noDelay),
  };
}
