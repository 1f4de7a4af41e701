/** As much of Dexie as is used here: the type checker must pass where it is not installed. */

declare module 'dexie' {
  export interface Table<T> {
    where(index: string): {
      above(key: string): { limit(count: number): { toArray(): Promise<T[]> } };
    };
    bulkAdd(rows: readonly T[]): Promise<unknown>;
    bulkGet(keys: readonly string[]): Promise<(T | undefined)[]>;
    get(key: string): Promise<T | undefined>;
  }
  export class Dexie {
    constructor(name: string, options?: { readonly chromeTransactionDurability?: 'relaxed' | 'strict' });
    version(version: number): { stores(schema: Readonly<Record<string, string>>): void };
    table<T>(name: string): Table<T>;
    close(): void;
  }
}
