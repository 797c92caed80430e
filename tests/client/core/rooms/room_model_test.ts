import { runRoomModel } from "./room_model.ts";

Deno.test("rooms: whatever members do and whatever links break, all end with the same list", async () => {
  await runRoomModel(50);
});
