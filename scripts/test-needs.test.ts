import { expect, test } from "vitest";
import { firefox, mariaDb, redis, webKitDriver } from "../e2e/servers/programs.ts";
import { installMessage, missingMessage, requiredMessage } from "./test-needs.ts";

test("before an installation the run names the packages, the policy file and how to prevent it", () => {
  expect(installMessage([redis, webKitDriver])).toBe(
    "The tests need Redis and WebKit: installing redis-server, webkit2gtk-driver with apt-get. " +
      "During the installation /usr/sbin/policy-rc.d keeps every service from starting; afterwards it is put back as it was, and no new service " +
      "is turned on. Set SOMOPAY_NO_APT=1 to install nothing.",
  );
});

test("without an installation the run names what is missing, and the command that installs it", () => {
  expect(missingMessage([mariaDb, redis, firefox])).toBe(
    "Not installed: MariaDB, Redis, and Firefox. To install: " +
      "apt-get install --no-install-recommends mariadb-server-core redis-server firefox-esr",
  );
});

test("a missing database stops the run with one sentence", () => {
  expect(requiredMessage([redis])).toBe(
    'The tests cannot run without Redis: run "apt-get install --no-install-recommends redis-server" (Debian) or "brew install mariadb redis" ' +
      "(macOS), or set TEST_REDIS_URL to the URL of a server whose data the tests may delete.",
  );
});
