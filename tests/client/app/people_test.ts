import { assertEquals } from "@std/assert";
import { Screen } from "./screen.ts";
import { TableServer } from "../../helpers/table_server.ts";

Deno.test("people: whom nothing confirms is marked, also offline, and who was not answered is not listed", async () => {
  await using server = new TableServer();
  const ada = await server.user("ada");
  const bob = await server.user("bob", { isCertified: false });
  const screen = new Screen(ada);
  const list = async () => {
    screen.clear();
    await screen.type("/people");
    return screen.all.filter(({ event }) => event === "person")
      .map(({ name, flags, state }) => [name, flags, state].join(" "));
  };
  ada.calls.unknownCallers = "allow-unconfirmed";
  await (await bob.call(ada)).send("hello");
  const { chat } = await ada.saw("message", { text: "hello" });
  assertEquals(await list(), []);
  await chat.send("hi");
  assertEquals(await list(), [`${chat.name} unconfirmed online`]);
  await bob.vanish();
  assertEquals(await list(), [`${chat.name} unconfirmed offline`]);
});
