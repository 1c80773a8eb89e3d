import { parseEnv } from "node:util";

/** A line that sets a variable; the value as written. */
const ASSIGNMENT = /^[^\S\n]*(?:export[^\S\n]+)?([A-Za-z_]\w*)[^\S\n]*=[^\S\n]*(.*)$/gm;

/**
 * Parses the text of an `.env` file. `problems` names the variables of `names` whose value the parser would cut short without a word: after a `#`, and
 * after a closing quote.
 */
export function parseEnvFile(text: string, names: readonly string[]): { values: Record<string, string>; problems: string[] } {
  const values: Record<string, string> = {};
  for (const [name, value] of Object.entries(parseEnv(text))) if (value !== undefined) values[name] = value;
  const problems = Array.from(text.matchAll(ASSIGNMENT)).flatMap(([, name = "", written = ""]) => {
    const problem = names.includes(name) ? problemWithValue(written) : null;
    return problem === null ? [] : [`${name} in .env ${problem}`];
  });
  return { values, problems };
}

function problemWithValue(written: string): string | null {
  const quote = /^["'`]/.exec(written)?.[0];
  if (quote === undefined) return /[^\s#]#/.test(written) ? "has a #, which begins a comment: put the value into quotes" : null;
  const end = written.indexOf(quote, 1);
  // Without a second quote on its line, the value goes on or is no quoted one.
  if (end === -1 || /^\s*(?:#.*)?$/.test(written.slice(end + 1))) return null;
  return "goes on after its closing quote: use the other kind of quotes around the value";
}
