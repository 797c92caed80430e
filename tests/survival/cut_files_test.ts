/** Files between two machines whose cable is pulled while they are on their way. */

import { assert, assertLess } from "@std/assert";
import { requiringTest } from "../helpers/required.ts";
import { cutTransfer } from "./cut_transfer.ts";
import { missingNamespaces } from "./namespaces.ts";

requiringTest(
  "netns",
  missingNamespaces,
  "files: a file arrives whole though its link goes down again and again",
  async () => {
    // At that rate in Mbit/s it takes more than two seconds.
    const { isWhole, sentShare } = await cutTransfer(32 * 1_048_576, ["link", "link", "link"], 100);
    assert(isWhole);
    assertLess(sentShare, 1.2);
  },
);
