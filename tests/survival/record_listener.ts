/** Prints each address record of multicast DNS that comes: type, time to live, and the address. */
import { MdnsLinks } from "../../server/platform/mdns/mdns_links.ts";

new MdnsLinks({
  onLink: () => console.log("ready"),
  onResponse({ answers }) {
    for (const { type, ttl, data } of answers) {
      if (type === "A") console.log(`${type} ${ttl} ${data}`);
    }
  },
});
