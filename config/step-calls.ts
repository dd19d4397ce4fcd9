import type { Fault } from './errors.ts';
import { type MakeFault, type PlacedStep, pathOf } from './placed-steps.ts';
import type { Step } from './policy.ts';
import type { FileConfig } from './schema.ts';

/** Scheme and host as they are read before each call, too (activities/steps/http-texts.ts). */
const ORIGIN = /^(https?):\/\/([^\s/?#\\{}@]+)(?:[/?#]|$)/i;
/** The same headers are refused before each call (activities/steps/http-texts.ts). */
const FRAMING =
  /^(?:accept-encoding|connection|content-length|expect|host|keep-alive|proxy-connection|te|trailer|transfer-encoding|upgrade)$/i;
const OURS = /^(?:idempotency-key|user-agent|x-webhook-signature)$/i;
const CREDENTIALS = /^(?:authorization|cookie|proxy-authorization)$/i;

/** Addresses and headers of `http` steps that no call could be made with. */
export function faultsOfCalls({ stepCalls }: FileConfig, steps: readonly PlacedStep[], fault: MakeFault): Fault[] {
  return steps.flatMap((entry) => {
    const { step } = entry;
    if (step.kind !== 'http') return [];
    const calls = [{ call: step, path: pathOf(entry) }];
    if (step.undoWith !== undefined)
      calls.push({ call: { ...step, ...step.undoWith }, path: [...pathOf(entry), 'undoWith'] });
    return calls.flatMap(({ call, path }) => {
      const address = faultOfUrl(call.url, stepCalls.allowPrivate);
      const headers = (['headers', 'secretHeaders'] as const).flatMap((option) =>
        Object.keys(call[option] ?? {}).flatMap((name) => {
          const message = option === 'headers' ? faultOfHeader(name) : faultOfSecretHeader(name, call);
          return message === undefined ? [] : [fault([...path, option, name], message)];
        }),
      );
      return [...(address === undefined ? [] : [fault([...path, 'url'], address)]), ...headers];
    });
  });
}

function faultOfUrl(url: string, allowPrivate: readonly string[]): string | undefined {
  const [, scheme = '', host = ''] = ORIGIN.exec(url.toLowerCase()) ?? [];
  if (host === '') return 'must begin with https:// and a host as it is, without templates, user or password';
  if (scheme === 'https') return undefined;
  const names = [host, host.replace(/:\d+$/, ''), `${host}:80`];
  if (allowPrivate.some((entry) => names.includes(entry.trim().toLowerCase()))) return undefined;
  return `must begin with https://; only hosts of your own network, named in stepCalls.allowPrivate, may be called by http`;
}

function faultOfHeader(name: string): string | undefined {
  if (FRAMING.test(name)) return 'is set by every call itself; take it out';
  if (OURS.test(name)) return 'is Kickoff’s own; take it out';
  if (CREDENTIALS.test(name)) {
    return 'would put a credential into a file and into every kickoff’s history; name it under secretHeaders, with the variable that holds its value (STEP_HEADER_…)';
  }
  return undefined;
}

type Headers = Pick<Extract<Step, { kind: 'http' }>, 'headers' | 'secretHeaders'>;

function faultOfSecretHeader(name: string, { headers = {}, secretHeaders = {} }: Headers): string | undefined {
  if (/^proxy-authorization$/i.test(name)) return 'is for a proxy, and no call uses one; take it out';
  const same = (other: string) => other.toLowerCase() === name.toLowerCase();
  if (Object.keys(headers).some(same)) return 'stands under headers, too; take it out there';
  if (Object.keys(secretHeaders).filter(same).length > 1) return 'stands here twice; take one out';
  return CREDENTIALS.test(name) ? undefined : faultOfHeader(name);
}
