import { encodeAdd } from "../../protocol/mod.ts";
import { logIn } from "./impostor.ts";
import type { Place, World } from "./world.ts";

/** A server that lists so many users, `user 0` and on, beside whoever logs in. */
export function serverWithMany(world: World, count: number): Place {
  return world.listen(async (wire) => {
    const users = Array.from({ length: count }, (_, n) => ({
      name: `user ${n}`,
      address: `10.1.${n >> 8}.${n & 255}`,
      port: 4000,
    }));
    await logIn(wire, ...users.map(encodeAdd));
    await wire.hung();
  });
}
