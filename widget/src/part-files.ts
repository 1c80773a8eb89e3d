import type { More } from "./more/more.ts";
import type { PartHost } from "./part-host.ts";
import type { WaysIn } from "./ways-in/ways-in.ts";

export interface Parts {
  more?: More;
  waysIn?: WaysIn;
}

/** What is fetched only when it is needed. The build makes a file of each, which stands beside the script. */
export const fetchers = {
  more: async (host: PartHost) => new (await import("./more/more.ts")).More(host),
  waysIn: async (host: PartHost) => new (await import("./ways-in/ways-in.ts")).WaysIn(host),
};
