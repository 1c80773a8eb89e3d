import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { holdServices } from "./debian-services.ts";

let root: string;
let policy: string;

const link = (path: string, target: string) => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  symlinkSync(target, join(root, path));
};

/** The exit code that a package gets when it asks whether it may start a service. */
const answerOf = (file: string) => {
  try {
    execFileSync(file, ["redis-server", "start"]);
    return 0;
  } catch (error) {
    return (error as { status: number }).status;
  }
};

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "somopay-services-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  policy = join(root, "usr/sbin/policy-rc.d");
  mkdirSync(dirname(policy), { recursive: true });
});

// Shell scripts and symbolic links: not on Windows.
describe.skipIf(process.platform === "win32")("the policy file", () => {
  test("forbids services, and is removed afterwards", () => {
    const release = holdServices(root);
    expect(answerOf(policy)).toBe(101);
    release();
    expect(readdirSync(dirname(policy))).toEqual([]);
  });

  test("replaces the machine's own one, which is put back with its mode", () => {
    writeFileSync(policy, "#!/bin/sh\nexit 104\n", { mode: 0o754 });
    const release = holdServices(root);
    expect(answerOf(policy)).toBe(101);
    release();
    expect(readFileSync(policy, "utf8")).toBe("#!/bin/sh\nexit 104\n");
    expect(statSync(policy).mode & 0o777).toBe(0o754);
    expect(readdirSync(dirname(policy))).toEqual(["policy-rc.d"]);
  });

  test("of a run that was killed answers as the machine's own one, which the next run puts back", async () => {
    writeFileSync(policy, "#!/bin/sh\nexit 104\n", { mode: 0o755 });
    const program = `import { holdServices } from ${JSON.stringify(join(import.meta.dirname, "debian-services.ts"))};
      holdServices(${JSON.stringify(root)}); process.kill(process.pid, "SIGKILL");`;
    await once(spawn(process.execPath, ["--input-type=module", "--eval", program]), "exit");
    expect(readFileSync(policy, "utf8")).toContain("somopay");
    expect(answerOf(policy)).toBe(104);

    holdServices(root)();
    expect(readFileSync(policy, "utf8")).toBe("#!/bin/sh\nexit 104\n");
    expect(readdirSync(dirname(policy))).toEqual(["policy-rc.d"]);
  });
});

describe.skipIf(process.platform === "win32")("services at boot", () => {
  test("one that a package turned on is turned off", () => {
    const release = holdServices(root);
    link("etc/rc2.d/S01redis-server", "../init.d/redis-server");
    link("etc/rc0.d/K01redis-server", "../init.d/redis-server");
    link("etc/systemd/system/redis.service", "/lib/systemd/system/redis-server.service");
    link("etc/systemd/system/multi-user.target.wants/redis-server.service", "/lib/systemd/system/redis-server.service");
    expect(release()).toEqual(["redis-server", "redis-server.service"]);
    // What update-rc.d calls disabled; it would make the links anew if there were none.
    expect(readdirSync(join(root, "etc/rc2.d"))).toEqual(["K01redis-server"]);
    expect(readdirSync(join(root, "etc/rc0.d"))).toEqual(["K01redis-server"]);
    expect(readdirSync(join(root, "etc/systemd/system"))).toEqual(["multi-user.target.wants"]);
    expect(readdirSync(join(root, "etc/systemd/system/multi-user.target.wants"))).toEqual([]);
  });

  test("one that was on stays on, even with another number or a further link; a masked unit stays masked", () => {
    link("etc/rc2.d/S01ssh", "../init.d/ssh");
    link("etc/systemd/system/multi-user.target.wants/ssh.service", "/lib/systemd/system/ssh.service");
    const release = holdServices(root);
    rmSync(join(root, "etc/rc2.d/S01ssh"));
    link("etc/rc2.d/S02ssh", "../init.d/ssh");
    link("etc/systemd/system/sshd.service", "/lib/systemd/system/ssh.service");
    link("etc/systemd/system/x11-common.service", "/dev/null");
    expect(release()).toEqual([]);
    expect(readdirSync(join(root, "etc/rc2.d"))).toEqual(["S02ssh"]);
    expect(readdirSync(join(root, "etc/systemd/system")).toSorted()).toEqual([
      "multi-user.target.wants",
      "sshd.service",
      "x11-common.service",
    ]);
    expect(existsSync(policy)).toBe(false);
  });
});
