import type { Kysely } from 'kysely';
import type { Schema } from './schema.ts';

/** As much of a logger as this room needs; a pino logger is one. */
export interface DatabaseLogger {
  warn(fields: object, message: string): void;
}

/** An open database. Close it once; what runs then is ended first. */
export interface Database {
  readonly db: Kysely<Schema>;
  readonly kind: 'postgres' | 'pglite';
  /** Settles within 5 s. @throws {DatabaseError} `unreachable` or `refused` */
  ping(): Promise<void>;
  close(): Promise<void>;
}
