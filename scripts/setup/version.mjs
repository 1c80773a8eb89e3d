/** Node 24.11 is the first long-term-support release of 24; the service is written in TypeScript, which it runs as it is. */
export const wantedNode = "24.11.0";

/**
 * Whether a version such as "v24.21.0" is at least the wanted one. A pre-release counts as older than its release.
 * @param {string} version
 * @param {string} wanted
 * @returns {boolean}
 */
export function isAtLeast(version, wanted) {
  const [numbers, preRelease] = parse(version);
  const [wantedNumbers] = parse(wanted);
  for (let place = 0; place < 3; place += 1) {
    const difference = (numbers[place] || 0) - (wantedNumbers[place] || 0);
    if (difference !== 0) return difference > 0;
  }
  return !preRelease;
}

/**
 * @param {string} version
 * @returns {[number[], boolean]}
 */
function parse(version) {
  const [release = "", ...rest] = version.replace(/^v/, "").split("-");
  return [release.split(".").map(Number), rest.length > 0];
}
