import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of package.json. */
export const rootFolder = fileURLToPath(new URL("../../", import.meta.url));
/** What set-up remembers and logs; ignored by git, and not wiped by `npm ci`. */
export const cacheFolder = join(rootFolder, ".cache");
