import type { ApiError, Client } from "./api/client.ts";
import type { Role, Session } from "./api/types.ts";
import type { Question } from "./ask.ts";
import type { Format } from "./format.ts";
import type { Labels, Language } from "./labels/labels.ts";
import type { Router } from "./router.ts";

/** What every page is given: who reads, for which site, in which language, and how to ask the service and the person. */
export type App = {
  readonly client: Client;
  readonly router: Router;
  readonly session: Session | null;
  readonly site: Session["sites"][number] | null;
  readonly language: Language;
  readonly t: Labels;
  readonly format: Format;
  /** Whether the person's role on this site is at least this. */
  may(least: Role): boolean;
  /** Opens a dialog that says what will happen before it does. Resolves to whether it was done. */
  ask(question: Question): Promise<boolean>;
  /** Says something once, at the foot of the page. */
  say(sentence: string): void;
  /** What the service answers, or null after its refusal was said at the foot of the page. For what begins outside a dialog. */
  attempt<Answer>(work: () => Promise<Answer>): Promise<Answer | null>;
  sentenceOf(error: ApiError | null): string;
  signedIn(session: Session): void;
  signOut(): Promise<void>;
  /** How much waits for a person, for the way there. */
  noteAttention(count: number): void;
  /** Reads again who is signed in. */
  refresh(): Promise<void>;
  chooseSite(siteId: string): void;
  chooseLanguage(language: Language): void;
};
