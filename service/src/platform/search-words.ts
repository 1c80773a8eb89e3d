/** The words by which a name is found. Pure. */

/** As long as its column, in characters. */
const WORD_MAX = 40;
/** Names of 120 characters have fewer. More are somebody's test. */
const WORDS_MAX = 16;
/** Inside a word, as in Ng'ang'a; people leave them out. */
const LEFT_OUT = /[\p{M}\p{Cf}'’‘ʼ\u0060]/gu;

/** In small letters, without accents and apostrophes, each once: `Ng'ang'a Wanjirũ` has the words `nganga` and `wanjiru`. */
export function wordsOf(text: string): string[] {
  const plain = text.normalize("NFKD").replace(LEFT_OUT, "").toLowerCase();
  const words = plain.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== "");
  return [...new Set(words.map((word) => Array.from(word).slice(0, WORD_MAX).join("")))].slice(0, WORDS_MAX);
}
