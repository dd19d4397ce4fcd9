import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { fileSchema, jsonSchema, kickoffPolicySchema, optionPaths } from '../../../config/index.ts';

const exampleText = readFileSync(new URL('../../../kickoff.config.example.yaml', import.meta.url), 'utf8');
const committed: unknown = JSON.parse(
  readFileSync(new URL('../../../kickoff.config.schema.json', import.meta.url), 'utf8'),
);

function pathsOf(value: unknown, prefix = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => pathsOf(item, `${prefix}[]`));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => {
    const path = prefix === '' ? key : `${prefix}.${key}`;
    return [path, ...pathsOf(item, path)];
  });
}

describe('kickoff.config.schema.json', () => {
  it('is current (npm run build -- --schema writes it)', () => {
    expect(committed).toEqual(jsonSchema());
  });

  it('describes every option', () => {
    const bare = optionPaths().filter((path) => !path.startsWith('kickoff.steps.'));
    const described = JSON.stringify(jsonSchema()).match(/"description":"/g)?.length ?? 0;
    expect(bare.length).toBeGreaterThan(50);
    expect(described).toBeGreaterThanOrEqual(bare.length);
  });
});

describe('kickoff.config.example.yaml', () => {
  const example: unknown = parse(exampleText);

  it('tells editors where its schema is', () => {
    expect(exampleText.split('\n')[0]).toBe('# yaml-language-server: $schema=./kickoff.config.schema.json');
  });

  it('is accepted by the configuration and by the JSON Schema', () => {
    expect(fileSchema.safeParse(example).error).toBeUndefined();
    const validate = new Ajv({ strict: false, validateFormats: false }).compile(jsonSchema());
    expect(validate(example), JSON.stringify(validate.errors)).toBe(true);
  });

  it('shows every option there is', () => {
    const shown = new Set(pathsOf(example));
    const missing = optionPaths().filter(
      (path) =>
        !shown.has(path) &&
        !/^kickoff\.steps\.on_\w+\[\]\.(?:id|kind|onFailure|status|properties|text|subject|body)$/.test(path),
    );
    expect(missing).toEqual([]);
    for (const kind of ['crm_status', 'crm_note', 'crm_task', 'slack']) expect(exampleText).toContain(`kind: ${kind}`);
    for (const key of ['onFailure', 'status', 'text', 'subject', 'body']) expect(exampleText).toContain(` ${key}: `);
  });

  it('comments every option outside the step lists and the label map', () => {
    const lines = exampleText.split('\n');
    const bare = lines.filter((line, index) => {
      const option = /^\s*[a-zA-Z_]+:/.test(line) && !/^ {6,}/.test(line);
      const inMap = /^ {4}[A-Z]/.test(line);
      return option && !inMap && !/^\s*#/.test(lines[index - 1] ?? '');
    });
    expect(bare).toEqual([]);
  });

  it('shows the defaults', () => {
    const parsed = fileSchema.parse(example);
    const defaults = fileSchema.parse({});
    // Your country has no default.
    expect({ ...parsed.kickoff, steps: undefined, country: undefined }).toEqual({
      ...kickoffPolicySchema.parse({}),
      steps: undefined,
    });
    expect({ ...parsed.assembly, fallbackOrganizer: undefined }).toEqual({
      ...defaults.assembly,
      fallbackOrganizer: undefined,
    });
    expect(parsed.skipup).toEqual(defaults.skipup);
    expect(parsed.server).toEqual(defaults.server);
    expect({ ...parsed.worker, metricsPort: undefined }).toEqual({ ...defaults.worker, metricsPort: undefined });
    expect(parsed.inbox).toEqual(defaults.inbox);
    expect(parsed.console).toEqual(defaults.console);
  });
});
