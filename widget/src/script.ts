/** The single file for a script tag: the same element, with nothing to import from it. */
import { registerSomoPay } from "./register.ts";

registerSomoPay();
