export function htmlPage(title: string, body: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${escape(title)}</title>
<link rel="stylesheet" href="/docs/docs.css"></head>
<body>${body}</body></html>
`;
}

export function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

/** A sentence of ours, in which backticks mark code. */
export function prose(text: string): string {
  return escape(text).replaceAll(/`([^`]+)`/g, "<code>$1</code>");
}

export const STYLES = `:root { color-scheme: light dark; --line: #d9dfdb; --quiet: #56635c; --accent: #0b7a4b; --back: #f4f7f5; }
@media (prefers-color-scheme: dark) { :root { --line: #35403a; --quiet: #a3b0a9; --accent: #5fd39f; --back: #1c2420; } }
* { box-sizing: border-box; }
body { margin: 0; font: 16px/1.55 system-ui, sans-serif; }
a { color: var(--accent); }
nav { padding: 4px 16px; border-bottom: 1px solid var(--line); font-size: 14px; }
nav summary { padding: 12px 0; font-size: 16px; }
nav h2 { margin: 16px 0 4px; font-size: 14px; text-transform: capitalize; }
nav ul { margin: 0; padding: 0; list-style: none; }
nav a { display: inline-block; padding: 4px 0; text-decoration: none; overflow-wrap: anywhere; }
main { padding: 16px; max-width: 960px; }
section > h2 { margin-top: 48px; text-transform: capitalize; }
article { padding: 8px 0 24px; border-top: 1px solid var(--line); }
h4 { margin: 24px 0 8px; }
small { color: var(--quiet); }
code { font: 14px/1.5 ui-monospace, monospace; overflow-wrap: anywhere; }
.route { padding: 8px 12px; border-radius: 10px; background: var(--back); }
.table { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
th, td { padding: 6px 12px 6px 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
td code { overflow-wrap: normal; }
pre { margin: 8px 0; padding: 12px; border-radius: 10px; background: var(--back); overflow-x: auto; }
summary { padding: 8px 0; cursor: pointer; }
@media (min-width: 1100px) {
  body { display: grid; grid-template-columns: 380px minmax(0, 1fr); }
  nav { position: sticky; top: 0; height: 100vh; overflow-y: auto; border: 0; border-right: 1px solid var(--line); }
  main { padding: 16px 40px; }
  /* Beside the text there is room for the whole list. A browser without this pseudo-element keeps the summary, and folds it. */
  @supports selector(::details-content) {
    nav summary { display: none; }
    nav details::details-content { content-visibility: visible; block-size: auto; }
  }
}
`;
