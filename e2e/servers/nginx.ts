import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findProgram } from "./find-program.ts";
import { freePort } from "./free-port.ts";
import { nginx } from "./programs.ts";
import { startServerProcess } from "./server-process.ts";

export interface ShippedProxy {
  readonly port: number;
  accessLog(): string;
  stop(): Promise<void>;
}

/** Undefined: there is no nginx on this machine. */
export const nginxProgram = findProgram(nginx.names);

/** Runs deploy/nginx.conf in front of a service on this machine, with this run's ports and folder in place of the container's. */
export async function startShippedProxy(servicePort: number): Promise<ShippedProxy> {
  if (nginxProgram === undefined) throw new Error("no nginx is installed");
  const folder = mkdtempSync(join(tmpdir(), "somopay-nginx-"));
  // Its workers run as another user.
  chmodSync(folder, 0o755);
  const port = await freePort();
  writeFileSync(join(folder, "nginx.conf"), configuration(folder, port, servicePort));
  const args = ["-p", folder, "-c", join(folder, "nginx.conf"), "-g", "daemon off;"];
  const proxy = await startServerProcess({ label: "nginx", program: nginxProgram, args, ready: { port }, folder });
  return {
    port,
    accessLog: () => readFileSync(join(folder, "access.log"), "utf8"),
    async stop() {
      await proxy.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function configuration(folder: string, port: number, servicePort: number): string {
  const replacements: [string, string][] = [
    ["listen 80 default_server;", `listen 127.0.0.1:${port} default_server;`],
    ["http://service:3000", `http://127.0.0.1:${servicePort}`],
    ["/tmp/nginx.pid", join(folder, "pid")],
    ["/dev/stderr", "stderr"],
    ["/dev/stdout", join(folder, "access.log")],
    [
      "http {",
      `http {\n${["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `${name}_temp_path ${folder}/${name};`).join("\n")}`,
    ],
  ];
  return replacements.reduce(
    (text, [from, to]) => {
      if (!text.includes(from)) throw new Error(`deploy/nginx.conf no longer has "${from}"`);
      return text.replace(from, to);
    },
    readFileSync(join(import.meta.dirname, "../../deploy/nginx.conf"), "utf8"),
  );
}
