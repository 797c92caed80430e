import type { Signaling } from "../signaling.ts";
import type { UserTable } from "../presence/mod.ts";
import type { ServerLink } from "./server_link.ts";
import type { ServerSession } from "./server_session.ts";

/** The parts of a connection that signaling uses. */
export interface SignalingSource {
  readonly serverId: string | undefined;
  readonly name: string;
  readonly state: "offline" | "connecting" | "online" | "reconnecting";
  readonly session: ServerSession | undefined;
  /** The link of the server whose table is shown. */
  readonly provenLink: ServerLink | undefined;
  readonly users: UserTable;
}

/** The server, as chats see it. */
export function signalingOf(source: SignalingSource): Signaling {
  return {
    get id() {
      return source.serverId;
    },
    get name() {
      return source.name;
    },
    get provenServer() {
      return source.provenLink;
    },
    get credential() {
      const { serverKey } = source.provenLink ?? {};
      const certificate = source.users.own?.details?.certificate;
      return serverKey && { serverKey, certificate };
    },
    get isOnline() {
      return source.state === "online";
    },
    get users() {
      return source.users;
    },
    certifies: (user) => source.users.ownsName(user),
    lookUpCaller: (name, identity) => source.users.lookUpCaller(name, identity),
    requestCallback: (session) => source.session?.link?.say({ type: "call-me", session }) ?? false,
    reportUnreachable: (session) =>
      void source.session?.link?.say({ type: "unreachable", session }),
  };
}
