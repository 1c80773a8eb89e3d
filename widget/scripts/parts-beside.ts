import { createHash } from "node:crypto";
import type { Plugin } from "vite";
import { createMinifier } from "./minify.ts";

/** As they stand in a chunk that is not minified yet: `import { a as b } from "./somo-pay.js";`, `export { b as a };`. */
const EXPORTS = /export \{([^}]*)\};/;
const IMPORT = /import \{([^}]*)\} from "\.\/somo-pay\.js";/;
const FETCH = /import\("\.\/([\w-]+\.js)"\)/g;

/**
 * Makes of the entry a script that classic and module tags can load, and of each fetched part a module beside it. A part cannot import from a
 * script, so the script hands over what the part needs of it. Parts are named after their content, so that no cache brings two builds together.
 */
export function partsBeside(): Plugin {
  return {
    name: "parts-beside",
    generateBundle(_, bundle) {
      const chunks = Object.values(bundle).filter((file) => file.type === "chunk");
      const script = chunks.find((chunk) => chunk.isEntry) ?? this.error("There is no script.");
      const minify = createMinifier();

      const names = new Map<string, string>();
      for (const part of chunks) if (part !== script) names.set(part.fileName, part.fileName);
      const wrapped = (code: string) => {
        let shared = "";
        const body = code.replace(EXPORTS, (_, list: string) => `const $shared = {${(shared = inverted(list))}};`);
        if (!shared) this.error("The script shares nothing with its parts.");
        return body.replace(FETCH, (_, file: string) => `$fetch("${names.has(file) ? file : this.error(`There is no ${file}.`)}")`);
      };
      // A classic script from another origin has no address that `./` could be relative to (Chromium), so it takes the one in its tag; a
      // module has one, and no tag that it can see. Some browsers keep a failure in mind, so the second try has an address of its own.
      const fetching = `const $tag = document.currentScript;
        const $fetch = (file) => {
          const address = $tag?.src ? new URL(file, $tag.src).href : "./" + file;
          return import(address).catch(() => import(address + "?" + Date.now())).then((part) => part.default($shared));
        };`;
      let code = minify(script.fileName, `(() => { ${fetching} ${wrapped(script.code)} })();`, "script");
      for (const part of chunks) {
        if (part === script) continue;
        const source = part.code.replace(IMPORT, "").replace(EXPORTS, (_, list: string) => `return {${inverted(list)}};`);
        const taken = IMPORT.exec(part.code)?.[1];
        if (!taken || /^import /m.test(source)) this.error(`${part.fileName} needs more than the script.`);
        part.code = minify(
          part.fileName,
          `export default ($shared) => { const {${taken.replace(/ as /g, ":")}} = $shared; ${source} };`,
          "module",
        );
        const hash = createHash("sha256").update(part.code).digest("hex").slice(0, 8);
        const named = part.fileName.replace(/\.js$/, `-${hash}.js`);
        code = code.replaceAll(part.fileName, named);
        part.fileName = named;
      }
      script.code = `${code}\n`;
    },
  };
}

/** `a as b` → `b:a`. */
const inverted = (list: string) => list.replace(/([\w$]+) as ([\w$]+)/g, "$2:$1");
