import type { Plugin } from "vite";

/**
 * What no template of this element uses, in Lit's own minified text, and what stands in its place: text inside `<style>`, `<script>`,
 * `<title>` and `<textarea>`, bindings in comments and on elements, results that are SVG or MathML as a whole, directives, and news of Lit's
 * version for other copies, nodes as values, and being moved out of the page. The browser tests drive what is left; the build stops when Lit's text is not what is written here.
 */
const unused: [from: string | RegExp, to: string][] = [
  [/if\(y\.test\(r\.tagName\)\)\{.*?\}\}\}(?=else if\(8===)/, "}"],
  [/else\{let t=-1;for\(;-1!==\(t=r\.data\.indexOf\(o,t\+1\)\);\)d\.push\(\{type:7,index:l\}\),t\+=o\.length-1\}/, ""],
  ["t.startsWith(o)&&(d.push({type:6,index:l}),r.removeAttribute(t))", ""],
  ["1===r.type?i=new r.ctor(h,r.name,r.strings,this,t):6===r.type&&(i=new Z(h,this,t))", "i=new r.ctor(h,r.name,r.strings,this,t)"],
  [/,2===i\|\|3===i\)\{const t=this\.el\.content\.firstChild;t\.replaceWith\(\.\.\.t\.childNodes\)\}/, ",1){}"],
  ['l=2===i?"<svg>":3===i?"<math>":""', 'l=""'],
  ['+(2===i?"</svg>":3===i?"</math>":"")', ""],
  [/function M\(t,i,s=t,e\)\{.*?,i\}(?=class R)/, "function M(t,i){return i}"],
  [/if\(!u\(t\)\|\|!t\.hasOwnProperty\("raw"\)\)throw Error\("invalid template strings array"\);/, ""],
  ['(y.test(u[2])&&(n=RegExp("</"+u[2],"g")),c=p)', "(c=p)"],
  [/B=t\.litHtmlPolyfillSupport;B\?\.\(S,k\),\(t\.litHtmlVersions\?\?=\[\]\)\.push\("[\d.]+"\);/, "B=0;"],
  ["get parentNode(){return this._$AM.parentNode}get _$AU(){return this._$AM._$AU}", ""],
  ["get _$AU(){return this._$AM?._$AU??this._$Cv}", ""],
  [/get parentNode\(\)\{let t=this\._\$AA.*?\}get startNode\(\)\{.*?\}get endNode\(\)\{.*?\}/, ""],
  ["get tagName(){return this.element.tagName}get _$AU(){return this._$AM._$AU}", ""],
  ["get _$AU(){return this._$AM._$AU}", ""],
  [/setConnected\(t\)\{.*?\}(?=\}class H)/, ""],
  ["void 0!==t.nodeType?this.T(t):", ""],
  ["this._$AP?.(!1,!0,s);t!==", ";t!=="],
  [
    /_\$AI\(t,i=this\)\{if\(\(t=M\(this,t,i,0\)\?\?A\)===E\)return;.*?\}handleEvent\(t\)\{.*?\}(?=\}class Z)/,
    "_$AI(t){this._$AH===A&&this.element.addEventListener(this.name,this),this._$AH=t??0}handleEvent(t){this._$AH&&(0,this._$AH)(t)}",
  ],
  [/M\(this,(t|e\[s\+n\]),i(?:,0|,n)?\)/g, "$1"],
  ["(t?.creationScope??l)", "l"],
  [
    "const e=s?.renderBefore??i;let h=e._$litPart$;if(void 0===h){const t=s?.renderBefore??null;e._$litPart$=h=new k(i.insertBefore(c(),t),t,void 0,s??{})}",
    "let h=i._$litPart$;h||(i._$litPart$=h=new k(i.insertBefore(c(),null),null,void 0,s));",
  ],
  [",this._$Cv=e?.isConnected??!0", ""],
];

export function leanLit(): Plugin {
  return {
    name: "lean-lit",
    transform(code, id) {
      if (!id.endsWith("/lit-html/lit-html.js")) return undefined;
      return unused.reduce((text, [from, to]) => {
        const lean = text.replace(from, to);
        if (lean === text) this.error(`Lit does not say ${String(from)} any more.`);
        return lean;
      }, code);
    },
  };
}
