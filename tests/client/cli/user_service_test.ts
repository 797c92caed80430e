import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { isOwnService, userService } from "../../../client/cli/user_service.ts";

const COMMAND = { words: ["/opt/my mim", "window", '--name=50% "$x"\\'], env: { PATH: "/bin" } };
const HOME = (variable: string) => ({ HOME: "/home/ada" })[variable];

Deno.test("user service: a unit for systemd, in which no word means anything else", () => {
  const unit = userService("linux", HOME, COMMAND);
  const [service, trigger, ...others] = unit?.files ?? [];
  assertEquals(service?.path, "/home/ada/.config/systemd/user/mim.service");
  assertEquals(trigger?.path, "/home/ada/.config/systemd/user/default.target.d/mim.conf");
  assertMatch(trigger?.text ?? "", /^\[Unit\]\nWants=mim\.service$/m);
  assertEquals([isOwnService(trigger?.text ?? ""), others], [true, []]);
  assertStringIncludes(
    service?.text ?? "",
    'ExecStart="/opt/my mim" "window" "--name=50%% \\"$$x\\"\\\\"\nStandardOutput=null\n',
  );
  assertEquals(isOwnService(service?.text ?? ""), true);
  assertEquals(isOwnService("[Unit]\nDescription=MIM\n"), false);
  const config = (variable: string) =>
    ({ HOME: "/home/ada", XDG_CONFIG_HOME: "/etc/ada" })[variable];
  assertEquals(
    userService("linux", config, COMMAND)?.files[0].path,
    "/etc/ada/systemd/user/mim.service",
  );
});

Deno.test("user service: an agent for macOS; none for other systems, and none without a home", () => {
  const agent = userService("darwin", HOME, { ...COMMAND, words: ["/opt/mim", "a<b>&c"] });
  const [file, ...others] = agent?.files ?? [];
  assertEquals([file?.path, others], ["/home/ada/Library/LaunchAgents/mim.plist", []]);
  assertStringIncludes(file?.text ?? "", "<string>a&lt;b&gt;&amp;c</string>");
  assertMatch(file?.text ?? "", /<key>RunAtLoad<\/key><true\/>/);
  assertEquals(isOwnService(file?.text ?? ""), true);
  assertEquals(userService("windows", HOME, COMMAND), undefined);
  for (const home of [undefined, "", "ada"]) {
    const env = (variable: string) => ({ HOME: home })[variable];
    assertEquals(userService("linux", env, COMMAND), undefined);
  }
});
