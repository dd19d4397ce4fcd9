import type { ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { openApiDocument } from '../../sandbox/openapi/document.ts';
import type { ReadableAnswer, ReadableOperation } from '../../sandbox/openapi/readable.ts';
import { nameIn, readable } from '../../sandbox/openapi/readable.ts';

const JSON_TYPE = 'application/json';
const document = openApiDocument();
const { paths, webhooks, servers } = readable(document);

const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats.default(ajv);
// The pattern beside it says as much as JSON Schema can.
ajv.addFormat('time-zone', true);
ajv.addSchema({ $id: 'openapi.json', ...document }, undefined, undefined, false);

/** The check of the JSON that stands at this place of the document; compiled when it is first needed. */
function checkAt(...place: string[]): ValidateFunction {
  const pointer = place.map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/');
  const check = ajv.getSchema(`openapi.json#/${pointer}`);
  if (check === undefined) throw new Error(`The document has nothing at ${place.join(' ')}.`);
  return check;
}

const operations = Object.entries(paths).flatMap(([path, item]) => {
  const pattern = new RegExp(`^${servers[0].url}${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`);
  return Object.entries(item).map(([method, operation]) => ({ method, path, pattern, operation }));
});

/** An answer of SkipUp's API, as it came. */
export interface SeenAnswer {
  method: string;
  /** With its query, without the host. */
  path: string;
  status: number;
  headers: Headers;
  text: string;
}

/**
 * Holds an answer of the sandbox to its contract.
 *
 * @returns what is wrong with it, in words; nothing when it is as the document says
 */
export function answerBreach(seen: SeenAnswer): string | undefined {
  const [path = ''] = seen.path.split('?', 1);
  const known = operations.filter(({ pattern }) => pattern.test(path));
  const method = seen.method === 'HEAD' ? 'get' : seen.method.toLowerCase();
  const found = known.find((candidate) => candidate.method === method);
  const fault =
    found === undefined
      ? unknownRouteFault(seen, known.length > 0)
      : knownRouteFault(seen, found.operation, ['paths', found.path, found.method]);
  return fault === undefined ? undefined : `${seen.method} ${seen.path} → ${seen.status}: ${fault}\n${seen.text}`;
}

function unknownRouteFault(seen: SeenAnswer, hasOtherMethods: boolean): string | undefined {
  if (seen.status !== 404) return 'a route that the document does not have should be answered with 404';
  if (hasOtherMethods && !seen.headers.has('allow')) return 'the header Allow should name the path’s methods';
  return jsonFault(seen, ['components', 'responses', 'NotFound']);
}

function knownRouteFault(seen: SeenAnswer, operation: ReadableOperation, place: string[]): string | undefined {
  const answer: ReadableAnswer | undefined = operation.responses[String(seen.status)];
  if (answer === undefined) return 'the document does not list this status';
  if (answer.$ref !== undefined) return jsonFault(seen, ['components', 'responses', nameIn(answer.$ref)]);
  if (Object.keys(answer.content).length === 0) return seen.text === '' ? undefined : 'there should be no body';
  return jsonFault(seen, [...place, 'responses', String(seen.status)]);
}

/** @param place of the answer in the document */
function jsonFault({ method, headers, text }: SeenAnswer, place: string[]): string | undefined {
  const type = headers.get('content-type') ?? 'none';
  if (!type.startsWith(JSON_TYPE)) return `the content type should be ${JSON_TYPE}, and is ${type}`;
  return method === 'HEAD' ? undefined : bodyFault(text, checkAt(...place, 'content', JSON_TYPE, 'schema'));
}

function bodyFault(text: string, check: ValidateFunction): string | undefined {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (error) {
    return `the body is no JSON: ${String(error)}`;
  }
  return check(body) ? undefined : ajv.errorsText(check.errors, { dataVar: 'body', separator: '\n' });
}

/** A webhook, as its receiver got it. */
export interface SeenWebhook {
  /** With names in lower case. */
  headers: Readonly<Record<string, string | string[] | undefined>>;
  raw: string;
}

/**
 * Holds a webhook of the sandbox to its contract: headers and payload.
 *
 * @returns what is wrong with it; nothing when it is as the document says
 */
export function webhookBreach({ headers, raw }: SeenWebhook): string | undefined {
  const event = String(headers['x-webhook-event']);
  const declared = webhooks[event]?.post;
  if (declared === undefined) return `The webhook ${event} is not in the document.\n${raw}`;
  const place = ['webhooks', event, 'post'];
  const headerFaults = declared.parameters.flatMap(({ name }, nth) => {
    const check = checkAt(...place, 'parameters', String(nth), 'schema');
    return check(headers[name.toLowerCase()]) ? [] : [`${name}: ${ajv.errorsText(check.errors)}`];
  });
  const payloadFault = bodyFault(raw, checkAt(...place, 'requestBody', 'content', JSON_TYPE, 'schema'));
  const faults = [...headerFaults, ...(payloadFault === undefined ? [] : [payloadFault])];
  return faults.length === 0 ? undefined : `The webhook ${event}: ${faults.join('\n')}\n${raw}`;
}

/** Whether a sample in the document is what its own schema says. @param place of the media type */
export function sampleBreach(sample: unknown, ...place: string[]): string | undefined {
  return bodyFault(JSON.stringify(sample), checkAt(...place, 'schema'));
}
