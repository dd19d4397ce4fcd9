import {
  type Database,
  type InboxState,
  inboxState,
  kickoffsByPhase,
  type LeadTimes,
  lastCatchUps,
  lastSweeps,
  leadTimes,
  type PhaseName,
  recoveriesByPhase,
} from '../../database/index.ts';
import type { HealthFacts } from '../health/checks.ts';
import { type Asks, readAsks } from './asks.ts';

/** What the overview shows, but for what Temporal says. */
export interface Overview {
  asks: Asks;
  phases: Record<PhaseName, number>;
  /** By phase; phases without any are left out. */
  leads: Record<string, number>;
  inbox: InboxState;
  times: readonly LeadTimes[];
  health: Pick<HealthFacts, 'sweeps' | 'catchUps'>;
}

/** So many dead events are shown one by one; of more, the inbox has the rest. */
const DEAD_SHOWN = 5;

/** @param times see `lead-times-kept.ts` */
export async function readOverview(database: Database, times: () => Promise<readonly LeadTimes[]>): Promise<Overview> {
  const { db } = database;
  const [phases, leads, measured, inbox, sweeps, catchUps] = await Promise.all([
    kickoffsByPhase(db),
    recoveriesByPhase(db),
    times(),
    inboxState(db, DEAD_SHOWN),
    lastSweeps(db),
    lastCatchUps(db),
  ]);
  const asks = await readAsks(database, inbox.oldestDead);
  return { asks, phases, leads, inbox, times: measured, health: { sweeps, catchUps } };
}

/** Reads how long kickoffs take, of those begun within the last days. */
export function readTimes({ db }: Database, now: () => Date, days: number): () => Promise<readonly LeadTimes[]> {
  return async () => await leadTimes(db, new Date(now().getTime() - days * 86_400_000));
}
