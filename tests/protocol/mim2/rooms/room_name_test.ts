import { assertEquals } from "@std/assert";
import { checkRoomName } from "../../../../protocol/mod.ts";

Deno.test("room names: none looks like the lobby's, nor ends with what looks like a tag", () => {
  for (const name of ["lobby", "Lobby", "lоbby", "ｌｏｂｂｙ", "lab~8e38", "lab～8e38"]) {
    assertEquals(checkRoomName(name).ok, false, name);
  }
  for (const name of ["lab", "lobbyist", "лаборатория"]) {
    assertEquals(checkRoomName(name), { ok: true, name });
  }
});
