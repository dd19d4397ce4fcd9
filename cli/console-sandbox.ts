import { z } from 'zod';
import type { SandboxControl as ConsoleSandbox } from '../console/index.ts';
import { ACME_DEAL_ID, SAMPLE_LEAD_ID } from '../sandbox/index.ts';
import { SandboxControl } from './sandbox-control.ts';

const answerSchema = z.unknown();

/** Who wants to know that something has happened in the sandbox. */
export interface Changes {
  subscribe(listener: () => void): () => void;
  notify(): void;
}

export function createChanges(): Changes {
  const listeners = new Set<() => void>();
  return {
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    notify() {
      for (const listener of listeners) listener();
    },
  };
}

/**
 * The sandbox's strings for the console's page, pulled over HTTP as the commands pull them.
 *
 * @param url `http://127.0.0.1:<port>`
 * @param changes told of by whoever hears the sandbox's events
 * @param signal ends calls that are under way
 */
export function consoleSandbox({
  url,
  changes,
  signal,
}: {
  url: string;
  changes: Changes;
  signal: AbortSignal;
}): ConsoleSandbox {
  const control = new SandboxControl({ env: {}, cwd: '.', signal }, { url });
  return {
    url,
    samples: { dealId: ACME_DEAL_ID, leadId: SAMPLE_LEAD_ID },
    changes,
    async call(method, path, body) {
      const call = body === undefined ? {} : { body };
      switch (method) {
        case 'GET':
          return await control.get(path, answerSchema, call);
        case 'POST':
          return await control.post(path, answerSchema, call);
        case 'DELETE':
          return await control.delete(path, answerSchema, call);
      }
    },
  };
}
