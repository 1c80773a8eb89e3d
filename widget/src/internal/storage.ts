/** What stays on this device. Private windows, full disks and strict settings refuse it: then nothing is remembered, and nothing breaks. */

export function recall(key: string): string {
  try {
    return localStorage.getItem(key) ?? "";
  } catch {
    return "";
  }
}

/** An empty value forgets. */
export function remember(key: string, value: string): void {
  try {
    if (value) localStorage.setItem(key, value);
    else localStorage.removeItem(key);
  } catch {
    // Not remembered, then.
  }
}
