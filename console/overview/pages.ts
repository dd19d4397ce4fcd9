import type { AddPages } from '../context.ts';
import { readTemporal } from '../health/temporal.ts';
import { kept } from '../page/kept.ts';
import { send } from '../send.ts';
import { readOverview, readTimes } from './read.ts';
import { WINDOW_DAYS } from './speed-section.ts';
import { overviewPage } from './view.ts';

/** The page is made anew whenever something has changed; these change slowly, and cost the most. */
const TIMES_KEPT = { ms: 30_000, staleMs: 300_000 };
const TEMPORAL_KEPT = { ms: 5_000, staleMs: 60_000 };

/** `/` */
export const addOverview: AddPages = (app, context) => {
  const { database, client, crms, now } = context;
  const times = kept(readTimes(database, now, WINDOW_DAYS), TIMES_KEPT, () => now().getTime());
  const temporal = kept(
    () => readTemporal(client),
    TEMPORAL_KEPT,
    () => now().getTime(),
  );
  app.get('/', async (request, reply) => {
    const [overview, state] = await Promise.all([readOverview(database, times), temporal()]);
    return send(reply, overviewPage(request.visit, { overview, temporal: state, crms, now: now() }));
  });
};
