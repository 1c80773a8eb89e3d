import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { markup } from "./markup.ts";

describe("markup", () => {
  it("escapes text between tags and in attributes", () => {
    const name = `<script>alert("1")</script> & 'Amani'`;
    expect(markup`<p title="${name}">${name}</p>`.text).toBe(
      `<p title="&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;Amani&#39;">&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;Amani&#39;</p>`,
    );
  });

  it("keeps its own markup, joins lists, and renders empty values as nothing", () => {
    const items = ["a", "<b>"].map((text) => markup`<li>${text}</li>`);
    expect(markup`<ul>${items}</ul>${null}${undefined}${false}${0}`.text).toBe("<ul><li>a</li><li>&lt;b&gt;</li></ul>0");
  });

  it("never lets text end its attribute or open a tag", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => !/[<>"']/.test(markup`${text}`.text)));
  });
});
