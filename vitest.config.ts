import { defineConfig } from "vitest/config";

const unitFolders = "{service,widget,demo-site,scripts,e2e/daraja-simulator,e2e/ledger-audit,e2e/servers}";
const never = ["**/node_modules/**", "**/dist/**", "**/.cache/**"];

export default defineConfig({
  test: {
    pool: "forks",
    // Tests share two cores with MariaDB, Redis and browsers.
    maxWorkers: 2,
    globalSetup: ["e2e/servers/global-setup.ts"],
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: [`${unitFolders}/**/*.test.ts`],
          exclude: never,
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: "e2e",
          include: ["e2e/**/*.test.ts"],
          exclude: [...never, "e2e/daraja-simulator/**", "e2e/ledger-audit/**", "e2e/servers/**"],
          // A browser's cold start on a busy machine takes seconds.
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
