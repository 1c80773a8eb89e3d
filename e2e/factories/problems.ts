import { expect } from "vitest";
import { errorTable, type ErrorCode } from "../../service/src/platform/errors.ts";
import { problemSchema, type Problem } from "../../service/src/contract.ts";
import type { Answer } from "./calls.ts";

/** Expects that an answer is the complete problem document of this code, and returns it. */
export function expectProblem(answer: Answer, code: ErrorCode): Problem {
  const { status, title } = errorTable[code];
  expect(answer.body).toMatchObject({ code });
  expect(answer.status).toBe(status);
  expect(answer.headers["content-type"]).toMatch(/^application\/problem\+json/);
  const problem = problemSchema.strict().parse(answer.body);
  expect(problem).toMatchObject({ type: `/docs/errors#${code}`, title, status, code });
  expect(problem.error).toBe(problem.detail);
  return problem;
}
