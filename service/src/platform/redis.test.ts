import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import { describe, expect, it, test } from "vitest";
import { parseRedisUrl } from "./redis.ts";
import { folderForTest } from "./testing.ts";

describe("REDIS_URL", () => {
  test.each([
    ["redis://cache", { host: "cache", port: 6379 }],
    ["redis://cache:6380/2", { host: "cache", port: 6380, db: 2 }],
    ["redis://:p%40ss%2C@cache/", { host: "cache", port: 6379, password: "p@ss," }],
    ["redis://somo:pw@[::1]:6379", { host: "::1", port: 6379, username: "somo", password: "pw" }],
    ["redis://cache?family=6", { host: "cache", port: 6379, family: 6 }],
    ["rediss://cache:6380", { host: "cache", port: 6380, tls: { servername: "cache" } }],
    ["rediss://10.0.0.7:6380", { host: "10.0.0.7", port: 6380, tls: {} }],
  ])("%s", (url, options) => {
    expect(parseRedisUrl(url)).toEqual(options);
  });

  it("ssl-ca is the file of a CA's certificate", () => {
    const file = join(folderForTest(), "ca.pem");
    const [pem = ""] = rootCertificates;
    writeFileSync(file, pem);
    expect(parseRedisUrl(`rediss://cache?ssl-ca=${file}`)).toMatchObject({ tls: { ca: pem } });
  });

  test.each([
    ["http://cache", /must be redis:/],
    ["redis+sentinel://cache", /must be redis:/],
    ["redis://one:6379,two:6379,three:6379", /names several hosts.*not supported yet/],
    ["redis://:not-a-real-secret@one,two/0", /names several hosts/],
    ["redis://cache:6379?cluster=true", /Redis Cluster, which is not supported yet: remove "cluster"/],
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
