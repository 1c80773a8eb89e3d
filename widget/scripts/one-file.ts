import type { Plugin } from "vite";
import { createMinifier } from "./minify.ts";

/** Makes of the only chunk a script that classic and module tags can load. */
export function oneFile(): Plugin {
  return {
    name: "one-file",
    generateBundle(_, bundle) {
      const [script, ...others] = Object.values(bundle).filter((file) => file.type === "chunk");
      if (!script || others.length || script.exports.length) this.error("It is not one script.");
      script.code = `${createMinifier()(script.fileName, `(() => { ${script.code} })();`, "script")}\n`;
    },
  };
}
