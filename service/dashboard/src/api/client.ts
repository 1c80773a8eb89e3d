import type { Problem } from "./types.ts";

/** The service refused, or could not be reached. `message` is a sentence for the person who reads it. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly fields: readonly { field: string; message: string }[];
  readonly retryAfterMs: number | undefined;

  constructor(status: number, problem: Partial<Problem>) {
    super(problem.detail ?? "");
    this.name = "ApiError";
    this.status = status;
    this.code = problem.code ?? (status === 0 ? "offline" : "unknown");
    this.fields = problem.errors ?? [];
    this.retryAfterMs = problem.retryAfterMs;
  }
}

const CONFLICT = 409;
const SERVER_FAULT = 500;

export type Method = "GET" | "POST" | "PATCH" | "PUT" | "DELETE";

export type Client = {
  /** A route of the server API, for the chosen site. `path` begins after `/api/v1`. */
  api<Answer>(method: Method, path: string, body?: unknown): Promise<Answer>;
  /** A route of one's own account. `path` begins after `/dashboard`. */
  own<Answer>(method: Method, path: string, body?: unknown): Promise<Answer>;
  /** The address of a route of the server API, for event streams and downloads. */
  address(path: string): string;
};

type Needs = {
  siteId: () => string | null;
  /** In which the service's sentences are wanted. */
  language: () => string;
  /** The service wants the password again before it goes on. Resolves to whether it was given. */
  confirm: () => Promise<boolean>;
  onSignedOut: () => void;
};

export function createClient({ siteId, language, confirm, onSignedOut }: Needs): Client {
  const send = async (method: Method, url: string, body: unknown, key: string | null): Promise<Response> => {
    try {
      return await fetch(url, {
        method,
        headers: {
          Accept: "application/json",
          "Accept-Language": language(),
          ...(body !== undefined && { "Content-Type": "application/json" }),
          ...(key !== null && { "Idempotency-Key": key }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
    } catch {
      throw new ApiError(0, {});
    }
  };
  // A write that was not answered keeps its key: whoever presses again sends the same request, and nothing is done twice.
  const unanswered = new Map<string, string>();
  const write = async (method: Method, url: string, body: unknown): Promise<Response> => {
    const request = JSON.stringify([method, url, body]);
    const key = unanswered.get(request) ?? crypto.randomUUID();
    unanswered.set(request, key);
    const response = await send(method, url, body, key);
    if (response.status < SERVER_FAULT && !isUnderWay(response)) unanswered.delete(request);
    return response;
  };
  const call = async <Answer>(method: Method, url: string, body: unknown): Promise<Answer> => {
    const ask = () => (method === "GET" ? send(method, url, body, null) : write(method, url, body));
    const response = await ask();
    if (response.ok) return readAnswer<Answer>(response);
    const error = new ApiError(response.status, await readProblem(response));
    if (error.code === "password_required" && (await confirm())) {
      const again = await ask();
      if (again.ok) return readAnswer<Answer>(again);
      throw new ApiError(again.status, await readProblem(again));
    }
    if (error.code === "signed_out") onSignedOut();
    throw error;
  };
  const address = (path: string): string => `/api/v1${path}${path.includes("?") ? "&" : "?"}site=${encodeURIComponent(siteId() ?? "")}`;
  return {
    api: (method, path, body) => call(method, address(path), body),
    own: (method, path, body) => call(method, `/dashboard${path}`, body),
    address,
  };
}

/** The first request of this key is still being worked on: `Retry-After` says when to ask again. */
function isUnderWay(response: Response): boolean {
  return response.status === CONFLICT && response.headers.has("Retry-After");
}

/** The service is this page's own, of the same version: its answers are taken at their word. */
async function readAnswer<Answer>(response: Response): Promise<Answer> {
  const text = await response.text();
  try {
    return (text === "" ? null : JSON.parse(text)) as Answer;
  } catch {
    // Something in between answered with a page of its own.
    throw new ApiError(response.status, {});
  }
}

async function readProblem(response: Response): Promise<Partial<Problem>> {
  try {
    return (await response.json()) as Partial<Problem>;
  } catch {
    return {};
  }
}
