import { allowedEnv } from "../platform/cli/env.ts";

/** Tells systemd that the service is ready, if it asked for that (`Type=notify`). Needs `--unstable-net`. */
export async function notifyReady(): Promise<void> {
  const path = allowedEnv("NOTIFY_SOCKET");
  const listen = Reflect.get(Deno, "listenDatagram") as ListenUnix | undefined;
  if (path === undefined || path === "" || listen === undefined) return;
  const folder = Deno.makeTempDirSync();
  const own = `${folder}/notify`;
  try {
    const socket = listen({ transport: "unixpacket", path: own });
    const text = new TextEncoder().encode("READY=1\n");
    await socket.send(text, { transport: "unixpacket", path });
    socket.close();
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

interface UnixAddress {
  readonly transport: "unixpacket";
  readonly path: string;
}

type ListenUnix = (at: UnixAddress) => {
  send(bytes: Uint8Array, to: UnixAddress): Promise<number>;
  close(): void;
};
