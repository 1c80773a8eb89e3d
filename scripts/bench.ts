/** `npm run bench`: provides the servers, then measures. */
import { runOnOwnServers } from "./on-own-servers.ts";

await runOnOwnServers(
  () => import("../e2e/load/run-bench.ts"),
  "The benchmarks need MariaDB and Redis installed on this machine, not in containers.",
);
