import { defineConfig } from "vite";
import type { UserConfig } from "vite";
import { minifyTemplateLiterals } from "rollup-plugin-minify-template-literals";

const target = "es2022";

/** The script that owners put into their page: everything in one file, as a classic or a module script. */
const script: UserConfig = {
  plugins: [minifyTemplateLiterals({ include: ["src/**/*.ts"] })],
  build: {
    target,
    emptyOutDir: true,
    // It exports nothing, so the name is never written.
    lib: { entry: "src/define.ts", formats: ["iife"], name: "SomoPay", fileName: () => "somo-pay.js" },
  },
};

/** The module for bundlers, which share their Lit with it. */
const npm: UserConfig = {
  build: {
    target,
    emptyOutDir: false,
    lib: { entry: "src/index.ts", formats: ["es"], fileName: () => "index.js" },
    rolldownOptions: { external: [/^lit(?:\/|$)/] },
  },
};

export default defineConfig(({ mode }) => (mode === "npm" ? npm : script));
