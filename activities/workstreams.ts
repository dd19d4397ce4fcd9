import type { KickoffPolicy } from '../config/policy.ts';
import type { AssemblyPolicy } from '../registry/index.ts';
import { wrongInput } from './dispatch-input.ts';

/** How the kickoffs of one workstream are run, what the main kickoff's rules say included. */
export interface WorkstreamRules {
  policy: KickoffPolicy;
  assembly: AssemblyPolicy;
  /** What is otherwise than with the main kickoff, in words. */
  inWords: string;
}

/** Those that are configured, by name. */
export type KnownWorkstreams = ReadonlyMap<string, WorkstreamRules>;

/**
 * A person who names a workstream is told when there is none of that name. Where none is configured any name will do: it is
 * run by the main kickoff's rules.
 *
 * @throws ApplicationFailure, not to be retried, that tells the names
 */
export function refuseUnknownWorkstream(known: KnownWorkstreams | undefined, workstream: string | undefined): void {
  if (workstream === undefined || known === undefined || known.size === 0 || known.has(workstream)) return;
  throw wrongInput([`workstream: ${workstream} is not configured; configured: ${[...known.keys()].join(', ')}`]);
}
