import { expect, test } from "vitest";
import { explain } from "./npm-ci.mjs";

test.each([
  ["npm error code ENOTFOUND\nnpm error network request failed", /^the package registry was not reached/],
  ["npm error code ECONNREFUSED", /^the package registry was not reached/],
  ["npm error code ENOSPC\nnpm error ENOSPC: no space left on device, write", /^there is no space left/],
  [
    "npm error code EUSAGE\nnpm error `npm ci` can only install packages when your package.json and package-lock.json are in sync",
    /^package-lock\.json does not match/,
  ],
  ["npm error code EACCES\nnpm error syscall mkdir", /^the folder cannot be written/],
  ["npm error code ENOTEMPTY\nnpm error syscall rmdir", /^another program is using node_modules/],
  ["npm error code EINTEGRITY", /^a package differs/],
  ["npm error code E418\nnpm error I am a teapot", /^I am a teapot$/],
  ["", /^npm failed$/],
])("npm's %j is told as one sentence", (output, sentence) => {
  expect(explain(output)).toMatch(sentence);
});
