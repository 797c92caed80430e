/** No request, whatever its texts and numbers, ends the program: it is carried out or answered. */

import { assert } from "@std/assert";
import fc from "fast-check";
import { MessageArchive, parseServers } from "../../../../client/app/mod.ts";
import { Messenger } from "../../../../client/core/mod.ts";
import { Profile } from "../../../../client/storage/mod.ts";
import { FakeNetwork } from "../../../../client/testing/fake_network.ts";
import { parseRequest } from "../../../../client/window/api/parse_request.ts";
import { RequestHandler } from "../../../../client/window/api/request_handler.ts";
import type { Request } from "../../../../client/window/messages.ts";
import { WindowState } from "../../../../client/window/state/mod.ts";
import { anyNasty } from "../../../fixtures/events.ts";
import { EVERY_REQUEST } from "../../../fixtures/requests.ts";

const anyId = fc.oneof(fc.integer(), fc.constantFrom(0, 1, -1, 2 ** 53 - 1, 1 - 2 ** 53));
const anyText = fc.oneof(
  anyNasty,
  fc.constantFrom("http://127.0.0.1:4304", "127.0.0.1:99999", "my server", "foo bar:99999"),
  fc.constantFrom("host:0", "a:b:c", "[::1", "", " ", "%", "\ud800", "x".repeat(250)),
).map((text) => text.slice(0, 32));

/** A request with other texts and numbers. */
const anyRequest: fc.Arbitrary<Request> = fc.constantFrom(...EVERY_REQUEST).chain((request) => {
  const fields = Object.entries(request).map(([name, value]) => {
    const isFixed = name === "type" || ["policy", "availability", "target", "key"].includes(name);
    if (isFixed || typeof value === "boolean") return [name, fc.constant(value)] as const;
    return [name, typeof value === "number" ? anyId : anyText] as const;
  });
  return fc.record(Object.fromEntries(fields)).map((values) =>
    parseRequest(JSON.stringify(values))
  );
});

Deno.test("requests: none ends the program, whatever its texts and numbers", async () => {
  const network = new FakeNetwork().host("198.18.0.1");
  const at = { hostname: "192.0.2.1", port: 4242 };
  await using messenger = new Messenger({ name: "ada", server: at, network });
  const profile = new Profile(undefined, {}, "this is a test");
  const archive = new MessageArchive(profile, () => {});
  const state = new WindowState(messenger, archive);
  const handler = new RequestHandler(state, profile, (_, server) => {
    parseServers(server);
    return Promise.reject(new TypeError("a fault of the program"));
  });
  let problems = 0;
  await fc.assert(
    fc.asyncProperty(anyRequest, async (request) => {
      if (request.type === "set-status") return; // it waits for the server
      await handler.handle(request, (answer) => {
        if (answer.type === "problem") problems++;
      });
    }),
    { numRuns: 1_000 },
  );
  assert(problems > 100, `${problems} problems`);
  state.close();
});
