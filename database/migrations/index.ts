import type { Migration } from 'kysely';
import { initial } from './0001-initial.ts';
import { sweeps } from './0002-sweeps.ts';
import { inboxSources } from './0003-inbox-sources.ts';
import { catchUps } from './0004-catch-ups.ts';
import { registryChanges } from './0005-registry-changes.ts';
import { turns } from './0006-turns.ts';
import { pipelines } from './0007-pipelines.ts';
import { consoleTables } from './0008-console.ts';

/**
 * Every migration by its name, in alphabetical order; listed here rather than found on disk, so that they are in the build.
 * A migration that has been released is never edited.
 */
export const migrations: Record<string, Migration> = {
  '0001-initial': initial,
  '0002-sweeps': sweeps,
  '0003-inbox-sources': inboxSources,
  '0004-catch-ups': catchUps,
  '0005-registry-changes': registryChanges,
  '0006-turns': turns,
  '0007-pipelines': pipelines,
  '0008-console': consoleTables,
};
