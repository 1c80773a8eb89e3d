import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { compressFile, namesIn, type CompressedFile } from "../platform/compressed-file.ts";

/** The built web app: one page, and the files that it loads, which are named by their content. */
export type DashboardFiles = { page: CompressedFile; assets: ReadonlyMap<string, CompressedFile> };

/** Says to the page that its sign-in offers the demo's owner. */
const DEMO_MARK = '<meta name="somopay-demo" content="" />';

/** @returns null if it is not built */
export async function readDashboard(folder: string, isDemo: boolean): Promise<DashboardFiles | null> {
  if (!(await namesIn(folder)).includes("index.html")) return null;
  const page = await readFile(join(folder, "index.html"), "utf8");
  const names = await namesIn(join(folder, "assets"));
  const assets = await Promise.all(
    names.map(async (name) => [name, await compressFile(await readFile(join(folder, "assets", name)))] as const),
  );
  return {
    page: await compressFile(Buffer.from(isDemo ? page.replace("</head>", `  ${DEMO_MARK}\n  </head>`) : page)),
    assets: new Map(assets),
  };
}
