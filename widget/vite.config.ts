import { defineConfig } from "vite";
import type { Plugin, UserConfig } from "vite";

/** Takes the indentation out of `css` and `html` templates: minifiers leave strings alone. */
function minifyTemplates(): Plugin {
  return {
    name: "minify-templates",
    enforce: "pre",
    transform(code, id) {
      if (id.endsWith(".styles.ts")) {
        return code.replace(/\/\*[^]*?\*\//g, "").replace(/css`[^`]*`/g, (css) =>
          css
            .replace(/\s+/g, " ")
            .replace(/ ?([{};,>]) ?/g, "$1")
            .replace(/: (?=[^{}]*[;}])/g, ":")
            .replace(/;}/g, "}"),
        );
      }
      if (!/\/src\/(?:views\/|somo-pay\.ts)/.test(id)) return undefined;
      return code
        .replace(/\n\s+(?=[^\s])/g, "\n ")
        .replace(/>\n (?=<|\$\{)/g, ">")
        .replace(/\}\n (?=<)/g, "}");
    },
  };
}

const library = (entry: string, format: "iife" | "es", fileName: string): UserConfig => ({
  plugins: [minifyTemplates()],
  build: {
    target: "es2022",
    emptyOutDir: false,
    lib: { entry, formats: [format], fileName: () => fileName, name: "somopay" },
    rolldownOptions: { external: format === "es" ? [/^lit(?:\/|$)/] : [], output: { minify: true } },
  },
});

/** `--mode script`: one file for a script tag, everything in it. `--mode npm`: a module for bundlers, which share their Lit with it. */
export default defineConfig(({ mode }) =>
  mode === "npm" ? library("src/index.ts", "es", "index.js") : library("src/script.ts", "iife", "somo-pay.js"),
);
