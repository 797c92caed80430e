/** The parts of the package dns-packet that are used here. */

interface Question {
  name: string;
  type: string;
}

/** A record. */
export interface Answer extends Question {
  ttl: number;
  data: unknown;
}

interface Packet {
  type?: "response";
  id: number;
  flags?: number;
  questions: Question[];
  answers?: Answer[];
}

declare const packet: {
  decode(bytes: Uint8Array): Packet;
  encode(packet: Packet): Uint8Array;
};
export default packet;
