import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";

const clientFolder = join(import.meta.dirname, "..");
const rootFolder = join(clientFolder, "../..");
const readme = readFileSync(join(clientFolder, "README.md"), "utf8");
const samples = Array.from(readme.matchAll(/```ts\n([\s\S]*?)```/g), ([, code]) => code ?? "");

function compile(codes: readonly string[]): void {
  const cache = join(rootFolder, "node_modules/.cache");
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, "client-readme-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [index, code] of codes.entries()) {
    const known = code.includes("const somopay") ? "" : 'declare const somopay: import("@somopay/client").Client;\n';
    writeFileSync(join(folder, `sample-${index}.ts`), `${known}${code}\nexport {};\n`);
  }
  const compilerOptions = {
    composite: false,
    emitDeclarationOnly: false,
    noEmit: true,
    noUnusedLocals: false,
    paths: { "@somopay/client": [join(clientFolder, "src/index.ts")] },
  };
  writeFileSync(
    join(folder, "tsconfig.json"),
    JSON.stringify({ extends: join(rootFolder, "tsconfig.json"), compilerOptions, include: ["*.ts"] }),
  );
  execFileSync(process.execPath, [join(rootFolder, "node_modules/typescript/bin/tsc"), "-p", folder], { encoding: "utf8", stdio: "pipe" });
}

it("what is to be copied from the README compiles", () => {
  expect(samples.length).toBeGreaterThan(4);
  compile(samples);
});

it("a sample with a mistake would not", () => {
  expect(() => compile(['await somopay.bookings.create({ sessionType: "maths-1h" });'])).toThrow();
  expect(() => compile(["await somopay.bookings.invent();"])).toThrow();
});
