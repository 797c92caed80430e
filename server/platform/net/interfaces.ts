/** An address of one of this machine's network interfaces, as `Deno.networkInterfaces` lists them. */
export interface InterfaceAddress {
  /** The name that the system gives the interface. */
  readonly name: string;
  /** The IP address, as text. */
  readonly address: string;
}

const VIRTUAL = /^(lo|docker|br-|veth|virbr|vmnet|vboxnet|cni|flannel)/;

/** Whether others can't reach an interface: containers, bridges and virtual machines of this host. */
export function isVirtual(name: string): boolean {
  return VIRTUAL.test(name);
}

/** This machine's addresses; undefined without the permission to list them. */
export function localInterfaces(): readonly InterfaceAddress[] | undefined {
  const allowed = Deno.permissions.querySync({ name: "sys", kind: "networkInterfaces" });
  return allowed.state === "granted" ? Deno.networkInterfaces() : undefined;
}
