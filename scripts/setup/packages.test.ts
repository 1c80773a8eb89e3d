import { expect, test } from "vitest";
import { explain } from "./packages.mjs";

test.each([
  ["npm error code ENOTFOUND\nnpm error network request failed", /^the package registry cannot be reached/],
  ["npm error code ECONNREFUSED", /^the package registry cannot be reached/],
  ["npm error code ENOSPC\nnpm error ENOSPC: no space left on device, write", /^the disk is full/],
  [
    "npm error code EUSAGE\nnpm error `npm ci` can only install packages when your package.json and package-lock.json are in sync",
    /^package-lock\.json does not match/,
  ],
  ["npm error code EACCES\nnpm error syscall mkdir", /^the folder is not writable/],
  ["npm error code ENOTEMPTY\nnpm error syscall rmdir", /^another program is using node_modules/],
  ["npm error code EINTEGRITY", /^a package differs/],
  ["npm error code E418\nnpm error I am a teapot", /^I am a teapot$/],
  ["", /^npm failed$/],
])("npm's output %j is explained in one sentence", (output, sentence) => {
  expect(explain(output)).toMatch(sentence);
});
