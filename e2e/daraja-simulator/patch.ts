/** `base` with the members of `patch` that are set. A member that is `undefined` changes nothing. */
export function patched<T extends object>(base: T, patch: { [Key in keyof T]?: T[Key] | undefined }): T {
  const result: T = { ...base };
  for (const key in patch) {
    const value = patch[key];
    if (value !== undefined) result[key] = value;
  }
  return result;
}
