import { minifyTemplateLiterals } from "rollup-plugin-minify-template-literals";
import { defineConfig, type UserConfig } from "vite";

/** Files are named by their content, so that browsers keep them for good; `index.html` alone is asked for each time. */
const app: UserConfig = {
  base: "/dashboard/",
  plugins: [minifyTemplateLiterals({ include: ["src/**/*.ts"] })],
  build: {
    target: "es2022",
    // The policy of these pages allows no inline script.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
  },
};

export default defineConfig(app);
