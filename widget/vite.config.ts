import { defineConfig } from "vite";
import type { UserConfig } from "vite";
import { fileURLToPath } from "node:url";
import { partsBeside } from "./scripts/parts-beside.ts";
import { shrinkTemplates } from "./scripts/shrink-templates.ts";

/** The script for a tag, and its parts beside it. */
const script: UserConfig = {
  plugins: [shrinkTemplates(), partsBeside()],
  resolve: { alias: { "lit/html.js": fileURLToPath(new URL("src/script-html.ts", import.meta.url)) } },
  build: {
    target: "es2022",
    emptyOutDir: true,
    minify: false,
    lib: { entry: "src/script.ts", formats: ["es"], fileName: () => "somo-pay.js" },
    rolldownOptions: { preserveEntrySignatures: "allow-extension", output: { chunkFileNames: "somo-pay-[name].js" } },
  },
};

/** A module for bundlers, which share their Lit with it and split it by themselves. */
const npm: UserConfig = {
  plugins: [shrinkTemplates()],
  build: {
    target: "es2022",
    emptyOutDir: false,
    lib: { entry: "src/index.ts", formats: ["es"], fileName: () => "index.js" },
    rolldownOptions: { external: [/^lit(?:\/|$)/], output: { chunkFileNames: "parts/[name].js" } },
  },
};

export default defineConfig(({ mode }) => (mode === "npm" ? npm : script));
