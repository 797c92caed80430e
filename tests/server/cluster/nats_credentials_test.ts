import { assertThrows } from "@std/assert";
import { createUser } from "@nats-io/nkeys";
import { readCredentials } from "../../../server/cluster/nats_credentials.ts";
import { TempFolder } from "../../helpers/disk.ts";
import { NatsOperator } from "../../helpers/nats_operator.ts";

Deno.test("nats credentials: a file of .creds is read, however it ends, and a broken one ends the start", async () => {
  using folder = new TempFolder();
  const path = `${folder.path}/file`;
  const text = new NatsOperator().credentials(["mim.>"]);
  for (const whole of [text, text.trim(), `${text}\n\n`, text.replaceAll("\n", "\r\n")]) {
    await Deno.writeTextFile(path, whole, { mode: 0o600 });
    readCredentials(path, false);
  }
  await Deno.writeTextFile(path, text.slice(0, text.indexOf("-----BEGIN USER")));
  assertThrows(() => readCredentials(path, true), RangeError, "cannot read the credentials");
});

Deno.test("nats credentials: a password is sent only where nobody can read it", async () => {
  using folder = new TempFolder();
  const path = `${folder.path}/file`;
  const write = (text: string) => Deno.writeTextFile(path, text, { mode: 0o600 });
  await write("ada:secret\n");
  readCredentials(path, true);
  assertThrows(() => readCredentials(path, false), RangeError, "could be read on the way");
  await write(new TextDecoder().decode(createUser().getSeed()) + "\n");
  for (const isPrivate of [true, false]) readCredentials(path, isPrivate);
  await write("nothing of the kind");
  assertThrows(() => readCredentials(path, true), RangeError, "must contain credentials");
  assertThrows(() => readCredentials(`${path}2`, true), RangeError, "cannot read the credentials");
});
