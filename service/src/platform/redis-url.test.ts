import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import { describe, expect, it, test } from "vitest";
import { parseRedisUrl } from "./redis-url.ts";
import { folderForTest } from "./testing.ts";

function read(url: string) {
  const { nodes, ...address } = parseRedisUrl(url);
  return { ...address, nodes: nodes.map(({ host, port }) => `${host}:${port}`) };
}

describe("REDIS_URL", () => {
  test.each([
    ["redis://cache", "cache:6379", {}],
    ["redis://cache:6380/2", "cache:6380", { db: 2 }],
    ["redis://:p%40ss%2C@cache/", "cache:6379", { password: "p@ss," }],
    ["redis://somo:pw@[::1]:6379", "::1:6379", { username: "somo", password: "pw" }],
    ["redis://cache?family=6", "cache:6379", { family: 6 }],
    ["rediss://cache:6380", "cache:6380", { tls: { servername: "cache" } }],
    ["rediss://10.0.0.7:6380", "10.0.0.7:6380", { tls: {} }],
  ])("%s", (url, node, options) => {
    expect(read(url)).toEqual({ isCluster: false, nodes: [node], options });
  });

  test.each([
    ["redis://one:7001,two:7002,three", ["one:7001", "two:7002", "three:6379"], {}],
    ["redis://somo:p%2Cw@[::1]:7001,10.0.0.7/0", ["::1:7001", "10.0.0.7:6379"], { username: "somo", password: "p,w" }],
    ["redis://cache:6379?cluster=true", ["cache:6379"], {}],
    ["rediss://one,two?family=4", ["one:6379", "two:6379"], { family: 4, tls: {} }],
  ])("%s is a cluster", (url, nodes, options) => {
    expect(read(url)).toEqual({ isCluster: true, nodes, options });
  });

  it("ssl-ca is the file of a CA's certificate", () => {
    const file = join(folderForTest(), "ca.pem");
    const [pem = ""] = rootCertificates;
    writeFileSync(file, pem);
    expect(parseRedisUrl(`rediss://cache?ssl-ca=${file}`)).toMatchObject({ options: { tls: { ca: pem } } });
  });

  test.each([
    ["http://cache", /must be redis:/],
    ["redis+sentinel://cache", /must be redis:/],
    ["redis://:not-a-real-secret@one,two/1", /has no numbered databases/],
    ["redis://one,:6379", /cannot be read|names no host/],
    ["redis://one,,two", /cannot be read|names no host/],
    ["redis://cache?cluster=yes", /cluster must be "true"/],
    ["redis://:not-a-real-secret#1@cache:6379", /special characters .* as %XX/],
    ["redis://:6379", /cannot be read|names no host/],
    ["redis:///0", /names no host/],
    ["redis://cache/somopay", /database's number/],
    ["redis://cache?maxRetriesPerRequest=5", /unknown parameter, "maxRetriesPerRequest"/],
    ["redis://cache?family=5", /family must be 4 or 6/],
    ["redis://cache?ssl-ca=ca.pem", /ssl-ca needs TLS/],
    ["rediss://cache?ssl-ca=nowhere.pem", /ssl-ca .* cannot be read: ENOENT/],
    [`rediss://cache?ssl-ca=${import.meta.filename}`, /ssl-ca .* PEM format, and cannot be read/],
  ])("%s is refused with what to set", (url, problem) => {
    expect(() => parseRedisUrl(url)).toThrow(problem);
    expect(() => parseRedisUrl(url)).not.toThrow(/not-a-real-secret/);
  });
});
