import type { InboundRequest } from '../../../crm/index.ts';

/** A request as a receiver hands it over. */
export function inbound(parts: Partial<InboundRequest> & { text?: string } = {}): InboundRequest {
  const { text, ...rest } = parts;
  return { method: 'POST', path: '/', headers: {}, body: Buffer.from(text ?? ''), ...rest };
}

/** The code of what is thrown; fails when nothing is. */
export function codeOf(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : error;
  }
  throw new Error('nothing was thrown');
}
