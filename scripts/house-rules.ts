/** A reader loses the thread of a longer file; most here have about 150 lines. */
const longFileLines = 400;

/** A folder that exists on somebody's machine only. Written so that this file does not match itself. */
const machinePath = /(?<![\w.~/-])\/(?:home|Users|root|work)\/[\w.-]+/;
/** A phone number of a real network range, beyond those that the documentation and the sandbox use. */
const phoneNumber = /(?<![\d.])(?:\+?254)(7|1)\d{8}(?!\d)/g;
const exampleNumbers =
  /^254(?:700000|711000)\d{3}$|^25470001\d{4}$|^254708374149$|^254(?:712|722|700|711|110)(?:345678|000000|111111|222222|123456)$/;

/** What in a file breaks a rule that no linter knows; one line each. */
export function houseRuleProblems(file: string, text: string): string[] {
  return text.split("\n").flatMap((line, index) => {
    const place = `${file}:${index + 1}`;
    const problems: string[] = [];
    const path = machinePath.exec(line);
    if (path !== null) problems.push(`${place}: a path of one machine: ${path[0]}`);
    for (const [number] of line.matchAll(phoneNumber)) {
      if (!exampleNumbers.test(number.replace("+", "")))
        problems.push(`${place}: perhaps a real phone number; use 254700000xxx or 254711000xxx`);
    }
    return problems;
  });
}

/** A remark on a file that has grown too long. */
export function longFileNote(file: string, text: string): string[] {
  const lines = text.split("\n").length - 1;
  const isSource = /\.(ts|mjs|js|css)$/.test(file);
  return isSource && lines > longFileLines ? [`${file} has ${lines} lines; better under ${longFileLines}`] : [];
}
