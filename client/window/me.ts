/** A text of the program in English, and a code with values, which pages put into other languages. */
export interface Wording {
  readonly text: string;
  readonly code?: string;
  readonly values?: Readonly<Record<string, string>>;
}

/** The user's own state. */
export interface Me {
  /** The user's name, or a suggestion; not sanitized, because it fills the user's own text field. */
  readonly name: string;
  /** The server as one would type it. */
  readonly server: string;
  readonly state: "offline" | "connecting" | "online" | "reconnecting";
  /** When the next attempt to reach the server begins; absent during one, or if none is planned. */
  readonly nextAttemptAt?: number;
  /** Why the last attempt to reach the server again has failed; absent if none has. */
  readonly reconnectProblem?: Wording;
  /** Since when the list is out of date, in milliseconds since 1970; absent while it is current. */
  readonly staleSince?: number;
  /** How many users the server has, if it tells only of some; the search finds others. */
  readonly total?: number;
  readonly availability: WindowAvailability;
  readonly status: string;
  /** Whether the server passes availability and status on; only a MIM/2 server does. */
  readonly canSetStatus: boolean;
  /** Whether the user is an admin of the server, who may end sessions there and ban people. */
  readonly isAdmin: boolean;
  readonly unknownCallers: UnknownCallers;
  /** Why messages are not stored; absent if they are. */
  readonly noHistoryReason?: Wording;
  /** Why the user has no key, so that nothing is encrypted; absent if there is one. */
  readonly noKeyReason?: string;
  /** Why the last login failed; absent while it has not, or once another has begun. */
  readonly loginProblem?: Wording;
  /** The settings, as the config file has them; absent if nothing can be saved. */
  readonly settings?: WindowSettings;
  /** The mistakes in the config file, which are left out, in English; absent if there are none. */
  readonly wrongSettings?: readonly string[];
  /** The settings that the machine's config file sets for everybody; absent if there are none. */
  readonly locked?: LockedSettings;
  /** Whether the server was rejected for its changed key, and waits for the user to trust it. */
  readonly serverKeyChanged: boolean;
  /** Whether the server was rejected because it speaks classic MIM, and waits for the user's word. */
  readonly isServerClassic: boolean;
  /** The command that starts the program and opens a page. */
  readonly startCommand: string;
  /** Servers on the network to choose from; absent if none were found, or one is named. */
  readonly found?: readonly FoundServerRow[];
}

/** Settings that the user can't change. */
export interface LockedSettings {
  /** The machine's config file. */
  readonly file: string;
  /** Their keys in config files. */
  readonly keys: readonly string[];
}

/** A server on the network: a hint, nothing of it is proven. */
export interface FoundServerRow {
  readonly title: string;
  /** The place, as one would type it. */
  readonly address: string;
  /** The address to log in with: a link if it announces a key. */
  readonly server: string;
  /** Whether its key is known. */
  readonly isKnown: boolean;
}

/**
 * The settings by their keys in config files; `strangers` is in {@linkcode Me.unknownCallers}, since it can
 * be changed without a data folder, too.
 */
export interface WindowSettings {
  /** The name from the next start on; empty if none is stored. */
  readonly name: string;
  /** The server from the next start on; empty for the default. */
  readonly server: string;
  /** Whether the user is logged in when the program starts. */
  readonly autologin: boolean;
  /** The people whose logins and logouts the info text mentions: all, none, or those with a chat. */
  readonly joins: "on" | "off" | "smart";
  /** Whether messages are stored, or for how many days. */
  readonly history: boolean | number;
  /** Whether a message makes a sound. */
  readonly bell: boolean;
  /** Whether a message shows a notification. */
  readonly notify: boolean;
  /** Which messages in rooms are notified of: those that mention the user, all, or none. */
  readonly rooms: "mentions" | "all" | "off";
  /** Whether peers who do the same are told what the user has seen. */
  readonly seen: boolean;
  /** Whether a note says that the server runs a newer version. */
  readonly updates: boolean;
  /** The address at which peers reach this client from the next start on; empty for every one. */
  readonly listen: string;
  /** Files of known people up to so many megabytes are taken without asking; false for none. */
  readonly autofiles: false | number;
}

/** The key of a setting. */
export type SettingKey = keyof WindowSettings | "strangers";

/** A user's availability. */
export type WindowAvailability = "online" | "away" | "busy";

/** The handling of calls from unknown users. */
export type UnknownCallers = "allow" | "allow-unconfirmed" | "ask" | "refuse";
