import { equals } from "@std/bytes/equals";
import { nameKey } from "../../../protocol/mod.ts";
import { ClientError } from "../errors.ts";
import type { OnlineUser } from "../online_user.ts";
import { PublicKey } from "../public_key.ts";
import type { Security } from "../security.ts";
import { type Contact, keyInTable, type Trust } from "../trust/mod.ts";
import type { ChatComponents } from "./chat_components.ts";
import { SecureChat } from "./secure_chat.ts";

/** The user's decisions about keys, and their effect on chats. */
export class ChatTrust implements Trust {
  readonly #components: Pick<ChatComponents, "pins" | "registry" | "keys" | "signaling">;

  constructor(components: Pick<ChatComponents, "pins" | "registry" | "keys" | "signaling">) {
    this.#components = components;
  }

  get contacts(): Contact[] {
    return this.#components.pins.all.map((pin) => ({
      ...pin,
      identity: new PublicKey(pin.identity),
    }));
  }

  securityOf(user: OnlineUser): Security {
    const { keys, pins, registry } = this.#components;
    const identity = keyInTable(user);
    if (keys === undefined || identity === undefined && !pins.find(user.name)) return "classic";
    const security = pins.securityOf(user);
    if (identity === undefined || security === "changed") return security;
    return registry.openWith(identity)?.security ?? security;
  }

  knownAs(user: OnlineUser): string | undefined {
    const { keys, pins } = this.#components;
    return keys && pins.contactOf(user)?.name;
  }

  get serverCertifies(): boolean {
    return this.#components.signaling.provenServer?.isUncertified === false;
  }

  safetyNumber(name: string): string {
    const { keys, pins } = this.#components;
    if (keys === undefined) throw new ClientError("invalid-state", { reason: "no-identity" });
    return pins.safetyNumber(keys.identity, name);
  }

  async unverify(name: string): Promise<void> {
    const { pins, registry } = this.#components;
    await pins.unverify(name);
    const identity = pins.find(name)?.identity;
    for (const chat of registry.ofType(SecureChat)) {
      if (identity !== undefined && equals(chat.identity, identity)) chat.security = "pinned";
    }
  }

  async verify(name: string): Promise<void> {
    const identity = await this.#components.pins.verify(name);
    for (const chat of this.#components.registry.ofType(SecureChat)) {
      if (equals(chat.identity, identity)) chat.tellVerified();
    }
    this.#distrustOthers(name);
  }

  async acceptKey(name: string): Promise<void> {
    const { pins, registry } = this.#components;
    await pins.acceptKey(name);
    const pin = pins.find(name);
    for (const chat of registry.ofType(SecureChat)) {
      if (pin === undefined || !equals(chat.identity, pin.identity)) continue;
      if (chat.security === "unconfirmed" || chat.security === "new") chat.security = "pinned";
      if (nameKey(chat.name) === nameKey(name)) chat.knownAs = undefined;
    }
    this.#distrustOthers(name);
  }

  serversKnowing(name: string): string[] {
    const { keys, pins } = this.#components;
    return keys === undefined ? [] : pins.serversKnowing(name);
  }

  /** Chats under a name with another key than it is pinned to now are over. */
  #distrustOthers(name: string): void {
    const key = this.#components.pins.find(name)?.identity;
    for (const chat of this.#components.registry.ofType(SecureChat)) {
      if (nameKey(chat.name) !== nameKey(name)) continue;
      if (key === undefined || !equals(chat.identity, key)) chat.distrust();
    }
  }
}
