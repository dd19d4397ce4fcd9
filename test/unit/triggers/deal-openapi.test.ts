import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import { dealEventJsonSchema } from '../../../crm/index.ts';
import { dealOpenApi, TRIGGER_ERRORS } from '../../../triggers/index.ts';

const committed = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../../docs/${name}`, import.meta.url), 'utf8'));
/** As it is written to a file. */
const written = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
const document = dealOpenApi();
const operation = Object(document.paths)['/triggers/deal'].post;

describe('the files of the deal event’s interface', () => {
  it('are current (npm run build -- --schema writes them)', () => {
    expect(committed('deal-event.schema.json')).toEqual(written(dealEventJsonSchema()));
    expect(committed('openapi.json')).toEqual(written(dealOpenApi()));
  });
});

describe('the OpenAPI document', () => {
  it('is of version 3.1, and every reference in it leads somewhere', () => {
    expect(document.openapi).toBe('3.1.0');
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path]) => path ?? '');
    expect(references.length).toBeGreaterThan(5);
    for (const reference of references) {
      const target = reference.split('/').reduce<unknown>((node, name) => Object(node)[name], document);
      expect(target, reference).toBeTypeOf('object');
    }
  });

  it('has examples that its own schema accepts', () => {
    const ajv = new Ajv2020({ strict: true, allowUnionTypes: true });
    formats.default(ajv);
    const validate = ajv.compile(Object(document.components).schemas.DealEvent);
    const examples = Object.values(operation.requestBody.content['application/json'].examples);
    expect(examples.length).toBeGreaterThan(2);
    for (const example of examples) {
      expect(validate(Object(example).value), JSON.stringify(validate.errors)).toBe(true);
    }
  });

  it('names every error that a deal event can be answered with, under its status', () => {
    const never = ['unknown_route', 'method_not_allowed', 'headers_too_large'];
    for (const [code, status] of Object.entries(TRIGGER_ERRORS)) {
      const described = String(Object(operation.responses[status]).description);
      expect(described.includes(code), code).toBe(!never.includes(code));
    }
  });

  it('asks for a signature or a token', () => {
    const schemes = Object.keys(Object(document.components).securitySchemes);
    expect(operation.security.map((one: object) => Object.keys(one)[0]).sort()).toEqual(schemes.sort());
  });
});
