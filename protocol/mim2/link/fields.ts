/** Fields that several messages of the server link have in common. */

import type { QDataStreamReader, QDataStreamWriter } from "../../codec/mod.ts";
import { ProtocolError } from "../../errors.ts";
import { limits } from "../../limits.ts";
import { isIpAddress } from "../../text/mod.ts";
import { writeTextField } from "../fields.ts";

const encoder = new TextEncoder();

/** Reads a status text. */
export function readStatusField(reader: QDataStreamReader): string {
  const status = reader.qstring(limits.statusBytes); // no unit has less than a byte of UTF-8
  if (!isStatusTooLong(status)) return status;
  throw new ProtocolError("bad-field", describeStatus(status));
}

/** Writes a status text. */
export function writeStatusField(writer: QDataStreamWriter, status: string): void {
  if (isStatusTooLong(status)) throw new RangeError(describeStatus(status));
  writer.qstring(status);
}

/** Reads the address of a machine; any other text is refused. */
export function readAddressField(reader: QDataStreamReader): string {
  const address = reader.qstring(limits.addressUnits);
  if (isIpAddress(address)) return address;
  throw new ProtocolError("bad-field", "expected an IP address, got another text");
}

/** Writes the address of a machine. */
export function writeAddressField(writer: QDataStreamWriter, address: string): void {
  if (!isIpAddress(address)) throw new RangeError(`expected an IP address, got ${address}`);
  writeTextField(writer, "an address", address, limits.addressUnits);
}

/** Reads a client's further addresses. */
export function readAddressList(reader: QDataStreamReader): string[] {
  const count = reader.quint32();
  if (count <= limits.furtherAddresses) {
    return Array.from({ length: count }, () => readAddressField(reader));
  }
  throw new ProtocolError(
    "bad-field",
    `expected at most ${limits.furtherAddresses} addresses, got ${count}`,
  );
}

/** Writes a client's further addresses. */
export function writeAddressList(writer: QDataStreamWriter, addresses: readonly string[]): void {
  if (addresses.length > limits.furtherAddresses) {
    throw new RangeError(
      `expected at most ${limits.furtherAddresses} addresses, got ${addresses.length}`,
    );
  }
  writer.quint32(addresses.length);
  for (const address of addresses) writeAddressField(writer, address);
}

function isStatusTooLong(status: string): boolean {
  // No UTF-16 unit takes more than three bytes.
  return status.length * 3 > limits.statusBytes &&
    encoder.encode(status).length > limits.statusBytes;
}

function describeStatus(status: string): string {
  const length = encoder.encode(status).length;
  return `expected a status of at most ${limits.statusBytes} bytes, got ${length}`;
}
