/** `npm run faults`: provides the servers, then runs the payments while it kills them. */
import { runOnOwnServers } from "./on-own-servers.ts";

await runOnOwnServers(
  () => import("../e2e/faults/run-faults.ts"),
  "The fault tests kill their servers, so they need MariaDB and Redis installed on this machine, not in containers.",
);
