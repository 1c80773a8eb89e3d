import { defineConfig } from "vitest/config";

export default defineConfig({ test: { include: ["{service,widget,demo-site,e2e}/**/*.test.ts"] } });
