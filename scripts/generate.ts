import { spawnSync } from "node:child_process";
import { generatingSteps } from "./generated.ts";

for (const { name, args, folder } of generatingSteps()) {
  const { status } = spawnSync(process.execPath, args, { cwd: folder, stdio: "inherit" });
  if (status !== 0) {
    console.error(`The ${name} could not be generated.`);
    process.exitCode = 1;
  }
}
