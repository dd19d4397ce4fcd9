import type { Config } from '../config/index.ts';
import type { Database } from '../database/index.ts';
import { connect, TemporalError, wakeKickoffs } from '../temporal/index.ts';
import type { Output } from './output.ts';

/** The import holds whether or not Temporal is there; the kickoffs that wait can also be told by hand. */
export async function tellOverTemporal(
  output: Output,
  config: Config['temporal'],
  database: Database,
  accounts: ReadonlySet<string>,
): Promise<void> {
  try {
    const temporal = await connect(config);
    try {
      const told = await wakeKickoffs({ database, client: temporal.client }, accounts);
      if (told > 0) output.emit({ type: 'woken', kickoffs: told }, `${told} kickoff(s) without a booking look again.`);
    } finally {
      await temporal.close();
    }
  } catch (error) {
    if (!(error instanceof TemporalError)) throw error;
    const advice = 'Kickoffs without a booking were not told; send those that wait for people `proceed`.';
    output.emit({ type: 'not_woken', reason: error.message }, `${error.message}\n${advice}`);
  }
}
