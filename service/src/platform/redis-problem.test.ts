import { describe, expect, it, test } from "vitest";
import { describeRedisProblem, isReadOnly } from "./redis-problem.ts";

const withCode = (code: string, message = "connect failed at 10.0.0.7:6379"): Error => Object.assign(new Error(message), { code });

describe("a Redis error says what is wrong, and what to do", () => {
  test.each([
    ["NOAUTH HELLO must be called with the client already authenticated", "password_missing", /redis:\/\/:password@/],
    ["NOAUTH Authentication required.", "password_missing", /REDIS_URL/],
    ["WRONGPASS invalid username-password pair or user is disabled.", "password_wrong", /wrong/],
    ["NOPERM this user has no permissions to access one of the channels used as arguments", "channels_not_allowed", /&somopay:\*/],
    ["NOPERM No permissions to access a channel", "channels_not_allowed", /&somopay:\*/],
    ["NOPERM this user has no permissions to access one of the keys used as arguments", "keys_not_allowed", /~somopay:\*/],
    ["NOPERM No permissions to access a key", "keys_not_allowed", /~somopay:\*/],
    ["NOPERM this user has no permissions to run the 'subscribe' command", "command_not_allowed", /subscribe .* `\+@pubsub`/],
    ["NOPERM User wanjiru has no permissions to run the 'evalsha' command", "command_not_allowed", /evalsha .*\+@scripting/],
    ["READONLY You can't write against a read only replica.", "read_only", /primary/],
    ["ERR Error running script: @user_script:1: -READONLY You can't write against a read only replica.", "read_only", /primary/],
    ["MOVED 3999 10.0.0.7:6381", "cluster", /cluster=true/],
    ["CLUSTERDOWN The cluster is down", "cluster_down", /replica/],
    ["Too many Cluster redirections. Last error: Error: Connection is closed.", "cluster_down", /replica/],
    ["ERR This instance has cluster support disabled", "no_cluster", /without cluster=true/],
    ["OOM command not allowed when used memory > 'maxmemory'.", "refuses", /\(OOM command not allowed/],
    ["LOADING Redis is loading the dataset in memory", "refuses", /LOADING/],
    ["Command timed out", "no_answer", /in time/],
    ["Connection is closed.", "closes_connections", /TLS/],
  ])("%s", (text, kind, message) => {
    expect(describeRedisProblem(new Error(text))).toEqual({ kind, message: expect.stringMatching(message) });
  });

  test.each([
    ["ECONNREFUSED", "unreachable", /ECONNREFUSED/],
    ["ENOTFOUND", "unreachable", /ENOTFOUND/],
    ["ECONNRESET", "closes_connections", /TLS/],
    ["SELF_SIGNED_CERT_IN_CHAIN", "certificate", /ssl-ca=FILE/],
    ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "certificate", /ssl-ca=FILE/],
    ["CERT_HAS_EXPIRED", "certificate", /renew/],
    ["ERR_TLS_CERT_ALTNAME_INVALID", "certificate", /another host name/],
    ["ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED", "closes_connections", /tls-auth-clients no/],
    ["ERR_SSL_WRONG_VERSION_NUMBER", "no_tls", /redis:\/\/ instead/],
  ])("%s", (code, kind, message) => {
    expect(describeRedisProblem(withCode(code))).toEqual({ kind, message: expect.stringMatching(message) });
  });

  it("of a cluster that does not answer, what its last node said", () => {
    const lastNodeError = withCode("ECONNREFUSED");
    const error = Object.assign(new Error("Failed to refresh slots cache."), { lastNodeError });
    expect(describeRedisProblem(error)).toEqual(describeRedisProblem(lastNodeError));
  });

  it("in no case with an address or a user: /readyz shows it to anybody", () => {
    for (const error of [
      withCode("ECONNREFUSED"),
      withCode("ERR_TLS_CERT_ALTNAME_INVALID", "Host: cache.internal. is not in the cert's altnames"),
      new Error("MOVED 3999 10.0.0.7:6381"),
      new Error("NOPERM User wanjiru has no permissions to run the 'get' command"),
      new Error("ERR something about 10.0.0.7:6379 and wanjiru@cache.internal"),
    ])
      expect(describeRedisProblem(error).message).not.toMatch(/10\.0|6379|6381|wanjiru|cache\.internal/);
  });

  it("a replica's refusal is told from others", () => {
    expect(isReadOnly(new Error("READONLY You can't write against a read only replica."))).toBe(true);
    expect(isReadOnly(new Error("NOPERM No permissions to access a key"))).toBe(false);
  });
});
