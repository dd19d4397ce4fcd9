/**
 * Records by id, in the order in which they were made. While it is watched it notes every id that is asked for, set or
 * deleted: records are changed in place by whoever has asked for them, so that no other may have changed meanwhile. Whoever
 * goes through `values()` only reads.
 */
export class Collection<T> extends Map<string, T> {
  #watched: Set<string> | undefined;

  /** The records in this order, each under its key. */
  static of<T>(records: readonly T[], keyOf: (record: T) => string): Collection<T> {
    const collection = new Collection<T>();
    for (const record of records) collection.set(keyOf(record), record);
    return collection;
  }

  override get(id: string): T | undefined {
    this.#watched?.add(id);
    return super.get(id);
  }

  override set(id: string, value: T): this {
    this.#watched?.add(id);
    return super.set(id, value);
  }

  override delete(id: string): boolean {
    this.#watched?.add(id);
    return super.delete(id);
  }

  /** A record that is only read. */
  peek(id: string): T | undefined {
    return super.get(id);
  }

  /** From now on notes ids; ends an earlier watch. */
  watch(): void {
    this.#watched = new Set();
  }

  /** Ends the watch and returns what may have changed during it. */
  unwatch(): string[] {
    const noted = [...(this.#watched ?? [])];
    this.#watched = undefined;
    return noted;
  }

  /** As JSON a collection is the list of its records. */
  toJSON(): T[] {
    return [...this.values()];
  }
}
