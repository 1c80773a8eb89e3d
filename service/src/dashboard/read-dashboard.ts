import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { compressFile, namesIn, type CompressedFile } from "../platform/compressed-file.ts";

/** The built web app: one page, and the files that it loads, which are named by their content. */
export type DashboardFiles = { page: CompressedFile; assets: ReadonlyMap<string, CompressedFile> };

/**
 * @param demoOwner an e-mail address that the page is told, so that its sign-in offers this person; null: this is no demo
 * @returns null if it is not built
 */
export async function readDashboard(folder: string, demoOwner: string | null): Promise<DashboardFiles | null> {
  if (!(await namesIn(folder)).includes("index.html")) return null;
  const page = await readFile(join(folder, "index.html"), "utf8");
  const names = await namesIn(join(folder, "assets"));
  const assets = await Promise.all(
    names.map(async (name) => [name, await compressFile(await readFile(join(folder, "assets", name)))] as const),
  );
  return {
    page: await compressFile(Buffer.from(demoOwner === null ? page : withDemo(page, demoOwner))),
    assets: new Map(assets),
  };
}

function withDemo(page: string, owner: string): string {
  if (!/^[\w.+-]+@[\w.-]+$/.test(owner)) throw new Error(`not an address for a page: ${owner}`);
  return page.replace("</head>", `  <meta name="somopay-demo" content="${owner}" />\n  </head>`);
}
