import { assertEquals } from "@std/assert";
import { checkRoomName } from "../../../../protocol/mod.ts";

Deno.test("room names: none looks like the lobby's, nor ends with what looks like a tag", () => {
  for (const name of ["lobby", "Lobby", "lоbby", "ｌｏｂｂｙ", "lab~8e38", "lab～8e38"]) {
    assertEquals(checkRoomName(name).ok, false, name);
  }
  for (const name of ["la\u200bb", "la\ufeffb", "lab\u00ad", "lab\u2060", "lab\u3164"]) {
    assertEquals(checkRoomName(name).ok, false, JSON.stringify(name));
  }
  for (const name of ["lab", "👩‍💻", "❤️", "lobbyist", "лаборатория"]) {
    assertEquals(checkRoomName(name), { ok: true, name });
  }
});
