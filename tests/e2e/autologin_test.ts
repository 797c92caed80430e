/** Whether MIM on a terminal logs in when it starts. */

import { dataFolderIn, newHome, runArgs, startServer } from "../helpers/programs.ts";
import { TestTerminal } from "../helpers/terminal.ts";

Deno.test({
  name: "autologin: a terminal starts offline if it is off, and /login logs in",
  ignore: Deno.build.os === "windows",
  async fn() {
    const { process, address } = await startServer();
    await using _ = process;
    const home = newHome();
    await Deno.mkdir(dataFolderIn(home), { recursive: true, mode: 0o700 });
    const config = JSON.stringify({ server: address, name: "ada", autologin: false });
    await Deno.writeTextFile(`${dataFolderIn(home)}/config.json`, config);
    {
      await using ada = new TestTerminal(runArgs("client", home));
      await ada.shows(/^Not logged in, as \/set autologin off says; \/login logs in$/);
      ada.type("/login\r");
      await ada.shows(/^You are online as ada$/);
      ada.type("/set autologin on\r");
      await ada.shows(/^autologin will be on from the next start$/);
      ada.type("/quit\r");
      await ada.exitCode;
    }
    await using again = new TestTerminal(runArgs("client", home));
    await again.shows(/^You are online as ada$/);
  },
});
