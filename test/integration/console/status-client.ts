import { Client, Connection } from '@temporalio/client';
import type { KickoffStatus } from '../../../workflows/messages.ts';

/**
 * A Temporal that is not there, but for the status query: it is answered so, or by nobody. Nobody is found out at once,
 * where a real one would be waited for.
 */
export function answering(status: KickoffStatus | 'silent'): Client {
  return new Client({
    connection: Connection.lazy({
      address: '127.0.0.1:1',
      interceptors: [
        () => {
          throw unavailable();
        },
      ],
    }),
    interceptors: {
      workflow: [
        {
          query: async () => {
            if (status === 'silent') throw unavailable();
            return status;
          },
        },
      ],
    },
  });
}

/** As gRPC says it. */
function unavailable(): Error {
  return Object.assign(new Error('14 UNAVAILABLE'), { code: 14, details: 'UNAVAILABLE', metadata: { get: () => [] } });
}

/** What a kickoff that is being scheduled says, with what a test needs otherwise. */
export function statusOf(workflowId: string, more: Partial<KickoffStatus> = {}): KickoffStatus {
  return {
    workflowId,
    phase: 'scheduling',
    dealId: '5012',
    dealName: 'Deal 5012',
    account: 'Acme Corp',
    revision: 1,
    waitingFor: 'SkipUp to book a time before 2026-02-22T04:59:59Z',
    needs: [],
    participants: [],
    excluded: [],
    gaps: [],
    steps: [],
    commands: [],
    ...more,
  };
}

/** The updates of these names, as the kickoff offers them. */
export function offered(...names: string[]): KickoffStatus['commands'] {
  return names.map((name) => ({ name, about: '' }));
}
