import type { SettingKey, WindowAvailability } from "./me.ts";

/** A message from a page. */
export type Request =
  | { readonly type: "hello"; readonly version: number }
  | { readonly type: "login"; readonly name: string; readonly server: string }
  | { readonly type: "logout" | "trust-server" | "allow-classic" | "list-ignored" }
  | { readonly type: "server-link" }
  /** `write-to` opens the conversation and calls nobody. */
  | { readonly type: "call" | "write-to"; readonly user: number }
  /** For admins: ends a user's sessions, keeps somebody out of the server, or lets them in again. */
  | { readonly type: "kick" | "ban" | "unban"; readonly user: number }
  /** Lifts a ban of this run by its number. */
  | { readonly type: "undo-ban"; readonly ban: number }
  | {
    readonly type:
      | "open"
      | "call-again"
      | "close"
      | "safety-number"
      | "verify"
      | "unverify"
      | "trust"
      | "forget";
    readonly chat: number;
  }
  /** The messages up to this one are read. */
  | { readonly type: "mark-read"; readonly chat: number; readonly message: number }
  | { readonly type: "set-draft"; readonly chat: number; readonly text: string }
  | {
    readonly type: "set-chat";
    readonly chat: number;
    readonly muted: boolean;
    readonly alias: string;
    readonly note: string;
  }
  | {
    readonly type: "send";
    readonly chat: number;
    readonly text: string;
    readonly requestId: string;
    /** The row of the message that it answers; 0 for none. */
    readonly reply: number;
  }
  | {
    readonly type: "edit";
    readonly chat: number;
    readonly message: number;
    readonly text: string;
  }
  | { readonly type: "delete" | "versions"; readonly chat: number; readonly message: number }
  | {
    readonly type: "react" | "unreact";
    readonly chat: number;
    readonly message: number;
    readonly emoji: string;
  }
  | {
    readonly type: "load-older";
    readonly chat: number;
    readonly before: number;
    readonly count: number;
  }
  /** Makes a room; the name of the lobby joins that. */
  | { readonly type: "create-room"; readonly name: string }
  | { readonly type: "join-room" | "leave-room"; readonly chat: number }
  | { readonly type: "invite"; readonly chat: number; readonly user: number }
  | { readonly type: "remove-member"; readonly chat: number; readonly key: string }
  | {
    readonly type: "set-admin";
    readonly chat: number;
    readonly key: string;
    readonly on: boolean;
  }
  | { readonly type: "set-topic"; readonly chat: number; readonly text: string }
  | { readonly type: "cancel"; readonly chat: number; readonly message: number }
  /** Takes or declines files, stops or goes on; `PUT files/CHAT` sends one. */
  | {
    readonly type: "take-file" | "pause-file" | "resume-file" | "cancel-file";
    readonly file: number;
  }
  | { readonly type: "set-typing"; readonly chat: number; readonly typing: boolean }
  | {
    readonly type: "search";
    /** Words; `from:NAME` and `from:me` say whose messages count. */
    readonly words: string;
    /** Only in this conversation; 0 for all. */
    readonly chat: number;
    /** Only before this hit; 0 for the newest. */
    readonly before: number;
  }
  | { readonly type: "show-hit"; readonly hit: number }
  | { readonly type: "accept" | "reject"; readonly caller: number }
  | { readonly type: "ignore"; readonly target: "user" | "chat" | "caller"; readonly id: number }
  | { readonly type: "unignore"; readonly id: number }
  | { readonly type: "set-setting"; readonly key: SettingKey; readonly value: string }
  | { readonly type: "export-key"; readonly passphrase: string }
  | {
    readonly type: "set-status";
    readonly availability: WindowAvailability;
    readonly text: string;
  };
