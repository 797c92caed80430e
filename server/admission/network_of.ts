import { addressBlock } from "../../protocol/mod.ts";

/** An IPv4 address as it is; of an IPv6 address its /64, which one machine has to itself. */
export function networkOf(address: string): string {
  return address.includes(":") ? addressBlock(address) : address;
}
