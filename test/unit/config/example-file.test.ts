import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { fileSchema, type JsonSchema, jsonSchema, kickoffPolicySchema, optionPaths } from '../../../config/index.ts';
import { faultsOfSteps } from '../../../config/steps.ts';

const exampleText = readFileSync(new URL('../../../kickoff.config.example.yaml', import.meta.url), 'utf8');
const committed: unknown = JSON.parse(
  readFileSync(new URL('../../../kickoff.config.schema.json', import.meta.url), 'utf8'),
);

/** A step, as the file has it. */
const stepsSchema = z.array(z.looseObject({ kind: z.string() }));

/** Options with their paths; those of steps once for all lists, by kind. */
function pathsOf(value: unknown, prefix = ''): string[] {
  const steps = /\.steps\.on_\w+$/.test(prefix) ? stepsSchema.safeParse(value).data : undefined;
  if (steps !== undefined) return steps.flatMap((step) => pathsOf(step, `step.${step.kind}`));
  if (Array.isArray(value)) return value.flatMap((item) => pathsOf(item, `${prefix}[]`));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => {
    const path = prefix === '' ? key : `${prefix}.${key}`;
    // Below these the names are the reader's own.
    const own = /\.(?:properties|headers|secretHeaders|body|input|with|keep|managerOf)$/.test(path);
    return [path, ...(own ? [] : pathsOf(item, path))];
  });
}

describe('kickoff.config.schema.json', () => {
  it('is current (npm run build -- --schema writes it)', () => {
    expect(committed).toEqual(jsonSchema());
  });

  it('describes every option, those of steps too', () => {
    const paths = optionPaths();
    expect(paths).toEqual(
      expect.arrayContaining(['kickoff.windowDays', 'step.email.subject', 'step.slack.retry.attempts']),
    );
    expect(undescribed(jsonSchema())).toEqual([]);
  });

  it('holds the kinds of steps once', () => {
    const kinds = JSON.stringify(jsonSchema()).match(/"const":"slack_message"/g);
    expect(kinds).toHaveLength(1);
  });
});

/** Options without a description, by name. */
function undescribed(node: JsonSchema): string[] {
  const options = Object.entries(node.properties ?? {});
  return [
    // The lists' names say what they are.
    ...options
      .filter(([name, option]) => option.description === undefined && !name.startsWith('on_'))
      .map(([name]) => name),
    ...[
      ...options.map(([, option]) => option),
      ...(node.oneOf ?? []),
      ...Object.values(node.definitions ?? {}),
    ].flatMap(undescribed),
    ...(node.items === undefined ? [] : undescribed(node.items)),
  ];
}

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

  it('shows every option there is, and every kind of step with all of its own', () => {
    const shown = new Set(pathsOf(example));
    const kinds = new Set([...shown].flatMap((path) => /^step\.(\w+)\.kind$/.exec(path)?.[1] ?? []));
    // What every step may have is shown in one of them.
    const common = /^step\.\w+\.((?:onFailure|after|undo|retry)(?:\.\w+)?)$/;
    const shownOnce = new Set([...shown].flatMap((path) => common.exec(path)?.[1] ?? []));
    const missing = optionPaths().filter((path) => {
      const option = common.exec(path)?.[1];
      return option === undefined ? !shown.has(path) : !shownOnce.has(option);
    });
    expect(missing).toEqual([]);
    expect(kinds.size).toBe(10);
  });

  it('has no fault that only a look at all of it shows', () => {
    expect(faultsOfSteps(fileSchema.parse(example), () => undefined)).toEqual([]);
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
    // Your country and your managers have no default.
    const own = {
      steps: undefined,
      country: undefined,
      remindBeforeDays: undefined,
      manager: undefined,
      managerOf: undefined,
    };
    expect({ ...parsed.kickoff, ...own }).toEqual({ ...kickoffPolicySchema.parse({}), ...own });
    expect({ ...parsed.assembly, fallbackOrganizer: undefined }).toEqual({
      ...defaults.assembly,
      fallbackOrganizer: undefined,
    });
    expect(parsed.skipup).toEqual(defaults.skipup);
    expect(parsed.server).toEqual(defaults.server);
    expect({ ...parsed.worker, metricsPort: undefined }).toEqual({ ...defaults.worker, metricsPort: undefined });
    expect(parsed.inbox).toEqual(defaults.inbox);
    // Your identity provider has no default.
    expect({ ...parsed.console, oidc: undefined }).toEqual({ ...defaults.console, oidc: undefined });
  });
});
