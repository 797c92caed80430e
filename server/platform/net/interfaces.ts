/** An address of one of this machine's network interfaces, as `Deno.networkInterfaces` lists them. */
export interface InterfaceAddress {
  /** The name that the system gives the interface. */
  readonly name: string;
  /** The IP address, as text. */
  readonly address: string;
  /** The hardware address, as text; all zeros, or undefined, if there is none. */
  readonly mac?: string;
}

/** Bridges and cards of containers and virtual machines on this host, and links without IP traffic. */
const VIRTUAL =
  /^(lo\d*$|docker|br-|veth|virbr|vmnet|vboxnet|vnet|cni|flannel|cali|cilium|kube|nodelocaldns|lxc|lxd|incus|podman|dummy|ifb|bridge1\d\d|awdl|llw|anpi|vEthernet|VirtualBox|VMware|Hyper-V|Loopback)/i;

/** Virtual private networks and other tunnels. Some are Ethernet, with a hardware address. */
const TUNNEL =
  /^(tun|tap|utun|wg|wireguard|tailscale|zt|zerotier|feth|ppp|l2tp|ipsec|vti|xfrm|gre|sit|ip6tnl|ipip|teredo|isatap|nebula|ham|hamachi|nordlynx|proton|mullvad|openvpn|vpn|cscotun|gpd|warp|cloudflarewarp|netbird|wt\d|tinc|edge\d|radmin)|[-_](tun|tap|wg|vpn)\d*$/i;

/** Whether an interface joins others: cards, or nothing but virtual machines. */
export function isBridge(name: string): boolean {
  return /^br\d+$/.test(name);
}

/** Whether others can't reach an interface: containers, bridges and virtual machines of this host. */
export function isVirtual(name: string): boolean {
  return VIRTUAL.test(name);
}

/** Whether an interface is a tunnel, which few others are in: its name says so, or it has no hardware. */
export function isTunnel({ name, mac }: Pick<InterfaceAddress, "name" | "mac">): boolean {
  return TUNNEL.test(name) || mac !== undefined && /^[0:.-]+$/.test(mac);
}

/** This machine's addresses; undefined without the permission to list them. */
export function localInterfaces(): readonly InterfaceAddress[] | undefined {
  const allowed = Deno.permissions.querySync({ name: "sys", kind: "networkInterfaces" });
  return allowed.state === "granted" ? Deno.networkInterfaces() : undefined;
}
