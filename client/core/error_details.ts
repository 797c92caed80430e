import type { ByeReason, HostPort, OrderAction, OrderOutcome } from "../../protocol/mod.ts";
import type { TransferReason } from "./transfer.ts";

/**
 * The errors of a client by their codes, with their details. The codes are stable: exit codes and
 * programs rely on them. Names and texts of others are as they came: not safe to print. A `reason`
 * that is a plain string is a few neutral words.
 */
export interface ErrorDetails {
  /** Nothing answers at the server's address, or what takes the connection says nothing. */
  "server-unreachable": { readonly server: HostPort; readonly reason: string };
  /** The server answered, but did not log this client in. */
  "server-refused": {
    /** The server, as it is named. */
    readonly server: HostPort;
    /** The name that wanted to log in. */
    readonly name: string;
    /** Why it failed. */
    readonly end:
      /** The server closed the connection and gave no reason. */
      | { readonly type: "closed" }
      /** The connection broke. */
      | { readonly type: "lost"; readonly reason: string }
      /** A MIM/2 server gave a reason: one of {@linkcode refusalCodes}, and a text as it came. */
      | { readonly type: "rejected"; readonly code: number; readonly text: string }
      /** The server sent bytes that are not MIM. */
      | { readonly type: "not-mim"; readonly reason: string }
      /** Bytes came that the server did not send next: someone on the way may have changed them. */
      | { readonly type: "not-authentic"; readonly reason: string }
      /** The server went before it proved that it has the key that it announced. */
      | { readonly type: "unproven" }
      /** Nothing came for so long, although the server has to send pings. */
      | { readonly type: "silent"; readonly seconds: number }
      /** The welcome did not end in time. */
      | { readonly type: "no-welcome"; readonly seconds: number }
      /** The login was not answered in time. */
      | { readonly type: "no-answer"; readonly seconds: number }
      /** The server announced MIM/2 after the classic login was sent. */
      | { readonly type: "late-announcement" }
      /** This machine has slept, and a classic server cannot be asked whether it is still there. */
      | { readonly type: "slept" }
      /** This machine has lost the address from which it was connected. */
      | { readonly type: "address-lost"; readonly address: string }
      /** This machine has a further address, which others learn at the next login only. */
      | { readonly type: "address-new" };
    /** True if a MIM/2 server went without a reason: it may have too much to do now. */
    readonly isBusy?: boolean;
    /** True if the server speaks MIM/2, and this client has logged in without a key. */
    readonly lacksKey?: boolean;
  };
  /** The program that answered is no MIM server. */
  "protocol-error": ErrorDetails["server-refused"];
  /** The client's own simple server cannot listen; `hostname` is undefined for every address. */
  "cannot-listen": {
    readonly hostname: string | undefined;
    readonly port: number;
    readonly reason: string;
  };
  /** The own name breaks the rules. */
  "invalid-name": { readonly name: string; readonly reason: string };
  /** Not possible now. */
  "invalid-state":
    | { readonly reason: "already-logged-in" | "already-logging-in"; readonly name: string }
    /** The client logged out while it was connecting. */
    | { readonly reason: "logged-out" }
    | { readonly reason: "not-logged-in" }
    /** The server could log this client in, but nobody has asked for it (`retrying`: it will be tried). */
    | { readonly reason: "not-logged-in-yet"; readonly retrying: boolean }
    | { readonly reason: "no-identity" }
    /** A server of a link has to prove its key, which it does only for a client with one. */
    | { readonly reason: "link-without-identity" }
    | { readonly reason: "no-server-keys" }
    | { readonly reason: "no-server-change" }
    | { readonly reason: "no-classic-server" }
    | { readonly reason: "too-many-chats" | "too-many-ignored"; readonly limit: number }
    /** The safety number was not asked for. */
    | { readonly reason: "not-compared"; readonly name: string }
    /** The key whose safety number was asked for is not in use any more. */
    | { readonly reason: "compared-key-gone"; readonly name: string }
    /** The name is that of a contact in other letters, with another key: it can't take the contact's place. */
    | { readonly reason: "other-letters"; readonly name: string; readonly contact: string };
  /** Nobody, or more than one, is meant by what was given. */
  "not-online":
    & { readonly name: string }
    & {
      readonly reason:
        /** It is the client's own user. */
        | "self"
        | "offline"
        /** No key is known for that name. */
        | "no-key"
        /** There is no key beside the one that is trusted already. */
        | "no-other-key"
        /** Several users may be meant. */
        | "ambiguous"
        /** Several keys are in use under that name. */
        | "several-keys"
        /** The caller has gone. */
        | "call-ended";
    };
  /** A user is online, but nothing answers there, or the address is no IP address. */
  "peer-unreachable": {
    readonly name: string;
    readonly address: string;
    readonly port: number;
    readonly reason: string;
    /** True if something took the connection, and did not go on: it may be busy. */
    readonly answered?: boolean;
  };
  /** The chat is inactive: nothing can be sent into it. */
  "chat-closed": { readonly name: string; readonly reason: "closed" | "lost" };
  /** The user is ignored, and therefore not called. */
  "ignored": { readonly name: string; readonly address: string };
  /** The server has another key than before, or none: someone else may have answered. */
  "server-key-mismatch": {
    readonly server: HostPort;
    readonly oldKey: Uint8Array | undefined;
    /** Undefined if the server speaks classic MIM only. */
    readonly newKey: Uint8Array | undefined;
    /** Whether `oldKey` is the key of a link; then nothing can be accepted. */
    readonly isLinkKey?: true;
  };
  /** A server that was never met speaks classic MIM alone, and the user has not allowed that. */
  "classic-server": { readonly server: HostPort };
  /** A peer has another key than before, or none: it may be someone else. */
  "peer-key-mismatch":
    | {
      readonly reason:
        /** The name had another key before. */
        | "key-changed"
        /** The name had a key before and has none now. */
        | "key-missing"
        /** Someone else answered when this user was called, and learned nothing. */
        | "other-key-answered";
      readonly name: string;
    }
    /** The user with the pinned key is online, too; this one has another key, or none. */
    | { readonly reason: "namesake"; readonly name: string; readonly hasKey: boolean }
    /** A name that looks the same as that of a contact, in other letters, with another key or none. */
    | { readonly reason: "other-letters"; readonly name: string; readonly contact: string }
    /** A caller's proven key does not go with the name it gives. */
    | {
      /** The mismatch. */
      readonly reason:
        /** The name is pinned to another key. */
        | "pinned-to-other-key"
        /** The key is pinned under another name. */
        | "pinned-under-other-name"
        /** The server lists the name with another key. */
        | "listed-with-other-key"
        /** The server lists the key under another name. */
        | "listed-under-other-name";
      /** The name that the caller gives. */
      readonly name: string;
      /** The name that is pinned or listed. */
      readonly other: string;
    };
  /** Nothing says that a user's name is that user's own: neither a pin nor a certificate. */
  "peer-unconfirmed": {
    readonly name: string;
    /** Whether the user has no key, and the name belongs to one. */
    readonly isNotOwner?: boolean;
    /** The user's `ADDRESS:PORT`, if that tells the user from the owner of the name. */
    readonly address?: string;
  };
  /** A text is too long, or too much is waiting to be sent. */
  "send-failed":
    | { readonly reason: "invalid-text"; readonly text: string }
    /** The text of an edit, or an emoji, takes too many bytes of UTF-8. */
    | { readonly reason: "too-long"; readonly length: number; readonly limit: number }
    | { readonly reason: "status-too-long"; readonly length: number; readonly limit: number }
    | { readonly reason: "outbox-full"; readonly limit: number }
    | { readonly reason: "peer-not-reading"; readonly name: string; readonly waitingBytes: number }
    /** Classic MIM has no edits, deletes and reactions. */
    | { readonly reason: "no-actions"; readonly name: string }
    /** A message that offers files has no text to edit. */
    | { readonly reason: "file-offer" }
    /** It was cancelled, or the connection was lost; `why` is a few neutral words. */
    | { readonly reason: "not-delivered"; readonly name: string; readonly why: string }
    | {
      readonly reason: "not-acknowledged";
      readonly name: string;
      readonly count: number;
      /** Whether the name is a room's. */
      readonly isRoom?: boolean;
    }
    /** The peer's program takes no files. */
    | { readonly reason: "no-files"; readonly name: string };
  /** Files are not sent, or not taken; `name` is the peer's, if there is one. */
  "transfer-failed": {
    readonly name: string | undefined;
    readonly reason: TransferReason;
    /** The system's own message. */
    readonly detail?: string;
  };
  /** Something that must outlive the program cannot be written, for example to a full disk. */
  "storage-failed":
    & (
      | { readonly what: "server-key" | "outbox" | "delivery" }
      /** The last changes, which were to be stored. */
      | { readonly what: "changes" }
      /** All that is stored, when it is read. */
      | { readonly what: "contents" }
      | { readonly what: "key" | "incoming-message"; readonly name: string }
    )
    & {
      readonly reason: string;
      /** The file, if there is one. */
      readonly path?: string;
    };
  /** Something can't be done in a room. */
  "room-failed":
    | {
      readonly reason:
        /** The user is no member, or is no member any more. */
        | "not-member"
        /** Only the room's owner may do that. */
        | "owner-only"
        /** Only the room's owner and admins may do that. */
        | "admin-only"
        /** The lobby has only messages and answers. */
        | "lobby-only-talks"
        /** Nobody may do that. */
        | "not-allowed"
        /** There is no invitation to accept. */
        | "not-invited"
        /** The guest is a member or invited already. */
        | "already-member"
        /** The person is neither a member nor invited. */
        | "no-member"
        /** The message is not here, or not the user's own. */
        | "no-message"
        /** The server has no lobby. */
        | "no-lobby"
        /** The user has no identity. */
        | "no-identity";
    }
    /** The user has another key than the one that is a member; `labels` are those of the rooms. */
    | { readonly reason: "other-key"; readonly labels: readonly string[] }
    | { readonly reason: "invalid-name"; readonly why: string }
    | { readonly reason: "too-many-invitations"; readonly limit: number }
    /** The guest speaks classic MIM, or has an older version. */
    | { readonly reason: "no-rooms-there"; readonly name: string }
    /** A text or an emoji takes too many bytes of UTF-8. */
    | { readonly reason: "too-long"; readonly length: number; readonly limit: number }
    /** In UTF-16 units. */
    | { readonly reason: "topic-too-long"; readonly length: number; readonly limit: number };
  /** Someone called, and it came to nothing; `others` more did since the last such error. */
  "call-failed": {
    /** Undefined if the caller has not given its name. */
    readonly name: string | undefined;
    readonly address: string;
    readonly reason:
      | string
      | Extract<ErrorDetails["peer-key-mismatch"], { readonly other: string }>
      | { readonly reason: "too-many-chats"; limit: number };
    readonly others: number;
  };
  /** A peer has refused this client's call, with a reason. */
  "call-rejected": {
    readonly name: string;
    readonly ownName: string;
    readonly reason: Exclude<ByeReason, 0 | 4>;
  };
  /** A chat ended because the peer sent bytes that are not MIM. */
  "chat-failed": { readonly name: string; readonly reason: string };
  /** This client does not try to log in again: only the user can do something. The `cause` says why. */
  "reconnect-failed": { readonly code: ClientErrorCode; readonly reason: string };
  /** The server took the own entry out of its table: nobody sees this client. */
  "delisted": { readonly server: HostPort };
  /** A listener threw at an event, which is lost for it, or a callback of the program did; `others` more did since the last such error. */
  "listener-failed": { readonly event: string; readonly reason: string; readonly others: number };
  /** The server did not do what an admin ordered. */
  "order-refused": {
    /** The order of an admin of the server. */
    readonly action: OrderAction;
    /** `not-logged-in`: also at a classic server; `no-answer`: it may have been done. */
    readonly reason:
      | Exclude<OrderOutcome, "done" | "done-cluster" | "done-later">
      | "not-logged-in"
      | "no-answer";
    /** Why it failed; as sent. */
    readonly text: string;
  };
  /** The server complained and did not close: one of {@linkcode refusalCodes}, and a text as it came. */
  "server-complaint": { readonly code: number; readonly text: string };
}

/** The code of an error: a word that does not change between versions. */
export type ClientErrorCode = keyof ErrorDetails;

/** Why a connection with the server ended, or why the server did not log this client in. */
export type DisconnectCause = LoginFailure["end"];

/** A login that failed although the server answered. */
export type LoginFailure = ErrorDetails["server-refused"];

/** A caller's proven key does not go with the name it gives. */
export type ClaimMismatch = Extract<KeyMismatch, { readonly other: string }>;

/** Why a user may not be who the name says. */
export type KeyMismatch = ErrorDetails["peer-key-mismatch"];

/** Why something cannot be done now. */
export type InvalidState = ErrorDetails["invalid-state"];

/** Why nobody, or nothing, is meant by a name. */
export type NotOnline = ErrorDetails["not-online"];

/** The thing that the store could not write. */
export type StoredThing = DistributiveOmit<ErrorDetails["storage-failed"], "reason" | "path">;

/** Why a text was not sent. */
export type SendFailure = ErrorDetails["send-failed"];

/** Why something can't be done in a room. */
export type RoomFailure = ErrorDetails["room-failed"];

/** The same without those fields, for each member of a union. */
type DistributiveOmit<Union, Key extends PropertyKey> = Union extends unknown ? Omit<Union, Key>
  : never;
