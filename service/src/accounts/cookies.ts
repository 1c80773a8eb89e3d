import type { CookieOptions, Request, Response } from "express";
import { ServiceError } from "../platform/errors.ts";

/** `session`: who is signed in. `step`: whose code is awaited. `device`: that somebody has signed in here before. */
export type CookieKind = "session" | "step" | "device";

export type Cookies = {
  /** @throws ServiceError `https_required` if no browser would keep them safe */
  requireUsable(): void;
  read(request: Request, kind: CookieKind): string | null;
  write(response: Response, kind: CookieKind, value: string, lifeMs: number): void;
  clear(response: Response, kind: CookieKind): void;
};

const NAMES = { session: "somopay", step: "somopay-step", device: "somopay-device" } as const;
/** Our own are 64 characters. */
const VALUE = /^[0-9a-f]{64}$/;
const OWN_MACHINE = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/**
 * Cookies that only this host's https pages get, that no script reads and no other site sends. The prefix `__Host-` keeps a neighbouring host name
 * from setting one. On this machine's own address, for development, they have no prefix and go over http.
 */
export function createCookies(publicUrl: string): Cookies {
  const { protocol, hostname } = new URL(publicUrl);
  const isSecure = protocol === "https:";
  const nameOf = (kind: CookieKind): string => (isSecure ? `__Host-${NAMES[kind]}` : NAMES[kind]);
  const options: CookieOptions = { httpOnly: true, secure: isSecure, sameSite: "strict", path: "/" };
  return {
    requireUsable() {
      if (!isSecure && !OWN_MACHINE.test(hostname)) throw new ServiceError("https_required");
    },
    read(request, kind) {
      const value = valueIn(request.get("Cookie") ?? "", nameOf(kind));
      return value !== null && VALUE.test(value) ? value : null;
    },
    write: (response, kind, value, lifeMs) => void response.cookie(nameOf(kind), value, { ...options, maxAge: lifeMs }),
    clear: (response, kind) => void response.clearCookie(nameOf(kind), options),
  };
}

function valueIn(header: string, name: string): string | null {
  for (const pair of header.split(";")) {
    const [key = "", value = ""] = pair.split("=", 2);
    if (key.trim() === name) return value.trim();
  }
  return null;
}
