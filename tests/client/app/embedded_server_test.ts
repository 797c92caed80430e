import { assertEquals } from "@std/assert";
import { EmbeddedServer } from "../../../client/app/embedded_server.ts";
import { FakeTime } from "../../helpers/time.ts";
import { TestUser } from "../../helpers/test_user.ts";
import { type Machine, TestEnvironment } from "../../helpers/test_environment.ts";

const PORT = 4242;

/** A client without `--server`: where nothing answers on its machine, it runs the server. */
function housemate(name: string, { network }: Machine) {
  const server = { hostname: "localhost", port: PORT };
  const local = new EmbeddedServer(PORT, (event) => user.events.add(event), undefined, network);
  const reconnect = async () => void await local.start();
  const user: TestUser = new TestUser({ name, server, network, reconnect });
  return { user, local };
}

Deno.test("hosting: when the host leaves, one of those beside it takes over, and all come back", async () => {
  using time = new FakeTime();
  await using env = TestEnvironment.fake();
  const machine = env.machine();
  const [ada, bob, eve] = ["ada", "bob", "eve"].map((name) => housemate(name, machine));
  if (ada === undefined || bob === undefined || eve === undefined) throw new TypeError("three");
  assertEquals(await ada.local.start(), true);
  const away = new TestUser({
    name: "zoe",
    server: { hostname: machine.address, port: PORT },
    network: env.machine().network,
    reconnect: true,
  });
  for (const user of [ada.user, bob.user, eve.user, away]) await user.login();
  await ada.user.quit();
  await ada.local.close();
  for (const user of [bob.user, eve.user, away]) await user.saw("disconnected");
  await time.pass(5_000);
  for (const user of [bob.user, eve.user, away]) {
    assertEquals(user.state, "online");
    assertEquals([...user.users].map(({ name }) => name).sort(), ["bob", "echo", "eve", "zoe"]);
  }
  const hosting = [bob, eve].map(({ user }) =>
    user.events.all.filter(({ event }) => event === "hosting").length
  );
  assertEquals(hosting.sort(), [0, 1]);
  for (const { user, local } of [bob, eve]) {
    await user.quit();
    await local.close();
  }
  await away.quit();
});

Deno.test("hosting: whoever leaves while the server starts leaves none behind", async () => {
  await using env = TestEnvironment.fake();
  const { local } = housemate("ada", env.machine());
  const starting = local.start();
  await local.close();
  await starting;
});
