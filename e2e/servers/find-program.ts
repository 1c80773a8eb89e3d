import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";

/** Where servers are installed without being on an ordinary user's PATH (Debian's sbin, RHEL's libexec, Homebrew). */
const extraFolders = ["/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/libexec", "/usr/local/bin", "/usr/bin", "/opt/homebrew/bin"];

/**
 * The full path of the first of these programs that is installed, or undefined.
 * Searches PATH first, then the folders of servers outside of it. A name with a slash is a path.
 */
export function findProgram(names: readonly string[], path = process.env["PATH"] ?? ""): string | undefined {
  const folders = [...path.split(delimiter).filter((folder) => folder !== ""), ...extraFolders];
  for (const name of names) {
    const candidates = name.includes("/") ? [name] : folders.map((folder) => join(folder, name));
    const found = candidates.find(isExecutable);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
