/** The parts of the package multicast-dns that are used here. */

/** A question of a packet. */
export interface Question {
  name: string;
  type: string;
}

/** A record of a packet. */
export type Answer =
  | { name: string; type: "PTR"; ttl: number; data: string }
  | {
    name: string;
    type: "SRV";
    ttl: number;
    flush?: boolean;
    data: { port: number; target: string };
  }
  | { name: string; type: "TXT"; ttl: number; flush?: boolean; data: (Uint8Array | string)[] }
  | { name: string; type: "A" | "AAAA"; ttl: number; flush?: boolean; data: string };

/** A packet as it is decoded: other types of records may be in it. */
export interface Packet {
  questions: Question[];
  answers: Answer[];
  additionals: Answer[];
}

/** The sender of a packet. */
export interface Sender {
  address: string;
  port: number;
}

/** A socket for one network card. */
export interface MulticastDns {
  on(event: "query" | "response", listener: (packet: Packet, sender: Sender) => void): void;
  on(event: "ready", listener: () => void): void;
  on(event: "error" | "warning", listener: (error: Error) => void): void;
  query(packet: Partial<Packet>): void;
  respond(packet: Partial<Packet>, to?: Sender, sent?: () => void): void;
  destroy(closed?: () => void): void;
}

export default function multicastDns(
  options: { type?: "udp4" | "udp6"; interface: string; bind: string; ip?: string },
): MulticastDns;
