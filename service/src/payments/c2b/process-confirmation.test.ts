import fc from "fast-check";
import { expect, it, test } from "vitest";
import { createIds } from "../../platform/ids.ts";
import { normaliseReference } from "./process-confirmation.ts";

const ids = createIds(() => 0);

it("a reference typed in small letters, with blanks, dashes and dots, is the reference", () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom("", " ", "-", ".", "  ", "/"), { minLength: 9, maxLength: 9 }),
      fc.boolean(),
      (between, isSmall) => {
        const reference = ids.reference();
        const spread = between.map((gap, index) => gap + reference.charAt(index)).join("");
        expect(normaliseReference(isSmall ? spread.toLowerCase() : spread)).toBe(reference);
      },
    ),
  );
});

/** A typed 0 is no O, and a typed O no 0: references have neither, so there is nothing that either could have been. */
test.each(["0", "O", "1", "I", "L", "U", "V"])("no reference has %s, so that whoever types it names no booking by chance", (misread) => {
  for (let count = 0; count < 1_000; count++) expect(ids.reference()).not.toContain(misread);
  const reference = ids.reference();
  expect(normaliseReference(`${reference.slice(0, 3)}${misread.toLowerCase()}${reference.slice(4)}`)).toContain(misread);
});
