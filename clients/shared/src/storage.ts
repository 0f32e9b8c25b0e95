/** Small values that survive a reload. A browser without storage forgets them, and goes on. */

export interface KeyValueStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
  /** How many keys there are, and which: as `localStorage` tells it. */
  readonly length: number;
  key(index: number): string | null;
}

/** Reads JSON, or `fallback` if there is none or it does not pass `isValid`. */
export function readJson<Value>(
  storage: KeyValueStorage,
  key: string,
  isValid: (value: unknown) => value is Value,
  fallback: Value,
): Value {
  try {
    const value: unknown = JSON.parse(storage.getItem(key) ?? "null");
    return isValid(value) ? value : fallback;
  } catch {
    return fallback;
  }
}

/** Writes JSON; `null` removes the key. A full or forbidden storage is not an error here. */
export function writeJson(storage: KeyValueStorage, key: string, value: unknown): void {
  try {
    if (value === null) storage.removeItem(key);
    else storage.setItem(key, JSON.stringify(value));
  } catch {
    // What cannot be kept lives as long as the page does.
  }
}

/** A storage in memory: for tests, and where the browser has none. */
export function memoryStorage(): KeyValueStorage {
  const values = new Map<string, string>();
  return {
    getItem: (key) => values.get(key) ?? null,
    setItem: (key, value) => void values.set(key, value),
    removeItem: (key) => void values.delete(key),
    get length() {
      return values.size;
    },
    key: (index) => [...values.keys()][index] ?? null,
  };
}

/** The browser's storage, or one in memory where it is forbidden. */
export function browserStorage(): KeyValueStorage {
  try {
    const probe = "setroom:probe";
    localStorage.setItem(probe, "1");
    localStorage.removeItem(probe);
    return localStorage;
  } catch {
    return memoryStorage();
  }
}
