import { defineConfig } from "vite";
import type { UserConfig } from "vite";
import { fileURLToPath } from "node:url";
import { oneFile } from "./scripts/one-file.ts";
import { partsBeside } from "./scripts/parts-beside.ts";
import { shrinkTemplates } from "./scripts/shrink-templates.ts";

const scriptOf = (fileName: string): UserConfig["build"] & object => ({
  target: "es2022",
  minify: false,
  lib: { entry: "src/script.ts", formats: ["es"], fileName: () => fileName },
});
const scriptHtml = { "lit/html.js": fileURLToPath(new URL("src/script-html.ts", import.meta.url)) };
/** Constants are written where they are used, which the minifier does not do with `var`. */
const optimization = { inlineConst: { mode: "all", pass: 3 } } as const;
const topLevelVar = false;

/** The script for a tag, and its parts beside it. */
const script: UserConfig = {
  plugins: [shrinkTemplates(), partsBeside()],
  resolve: { alias: scriptHtml },
  build: {
    ...scriptOf("somo-pay.js"),
    emptyOutDir: true,
    rolldownOptions: {
      optimization,
      preserveEntrySignatures: "allow-extension",
      output: { chunkFileNames: "somo-pay-[name].js", topLevelVar },
    },
  },
};

/** The same in one file, whose hash vouches for all of it. */
const whole: UserConfig = {
  plugins: [shrinkTemplates(), oneFile()],
  resolve: { alias: scriptHtml },
  build: {
    ...scriptOf("somo-pay.all.js"),
    emptyOutDir: false,
    rolldownOptions: { optimization, output: { codeSplitting: false, topLevelVar } },
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

const builds = new Map([
  ["script", script],
  ["whole", whole],
  ["npm", npm],
]);

export default defineConfig(({ mode }) => builds.get(mode) ?? script);
