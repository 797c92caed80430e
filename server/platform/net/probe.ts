import { encodePreamble } from "../../../protocol/mod.ts";
import type { Connection } from "./network.ts";

const PROBE = encodePreamble("probe");

/** Sends the six bytes of a probe; whether they come back, as they do from a MIM/2 client. */
export async function answersProbe(connection: Connection): Promise<boolean> {
  await connection.write(PROBE);
  const answer: number[] = [];
  const buffer = new Uint8Array(PROBE.length);
  while (answer.length < PROBE.length) {
    const length = await connection.read(buffer);
    if (length === null) return false;
    answer.push(...buffer.subarray(0, length));
  }
  return PROBE.every((byte, at) => byte === answer[at]);
}
