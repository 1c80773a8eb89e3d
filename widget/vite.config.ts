import { defineConfig } from "vite";
import type { UserConfig } from "vite";
import { privateName } from "./scripts/private-names.ts";
import { shrinkTemplates } from "./scripts/shrink-templates.ts";

const library = (entry: string, format: "iife" | "es", fileName: string): UserConfig => ({
  plugins: [shrinkTemplates()],
  build: {
    target: "es2022",
    emptyOutDir: false,
    lib: { entry, formats: [format], fileName: () => fileName, name: "somopay" },
    rolldownOptions: { external: format === "es" ? [/^lit(?:\/|$)/] : [], output: { minify: format === "es" || { mangleProps } } },
  },
});

/** Never in the npm module: there Lit is the page's own and keeps its names. */
const mangleProps = {
  include: privateName,
  // Elements have these two letters already.
  reserved: ["id"],
};

/** `--mode script`: one file for a script tag, everything in it. `--mode npm`: a module for bundlers, which share their Lit with it. */
export default defineConfig(({ mode }) =>
  mode === "npm" ? library("src/index.ts", "es", "index.js") : library("src/script.ts", "iife", "somo-pay.js"),
);
