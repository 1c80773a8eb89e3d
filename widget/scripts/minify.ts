import { minifySync } from "vite";
import { privateName } from "./private-names.ts";

/** Shortens code of one build: what is called by the same private name in two files gets the same short one in both. */
export function createMinifier(): (fileName: string, code: string, kind: "script" | "module") => string {
  const cache: Record<string, string | false> = {};
  return (fileName, code, kind) => {
    const mangleProps = { include: privateName, cache, reserved: ["id"] }; // Elements have these two letters already.
    const result = minifySync(fileName, code, { module: kind === "module", compress: true, mangle: true, mangleProps });
    if (result.errors.length) throw new Error(result.errors.map(({ message }) => message).join("\n"));
    Object.assign(cache, result.mangleCache);
    return result.code.trim();
  };
}
