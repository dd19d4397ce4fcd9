import { z } from 'zod';
import { CrmError } from '../port.ts';
import { eachPage, idSchema, type PipedriveApi } from './api.ts';

const optionSchema = z.object({ id: z.union([z.number(), z.string()]), label: z.string().nullish() });
const fieldSchema = z.object({
  field_name: z.string(),
  field_code: z.string().min(1),
  field_type: z.string().nullish(),
  is_custom_field: z.boolean().nullish(),
  options: z.array(optionSchema).nullish(),
});
type Field = z.infer<typeof fieldSchema>;

const PAGE_SIZE = '500';
/** 2,500 deal fields: no company has more. */
const MAX_PAGES = 5;
/** Fields and labels change seldom, and a list costs 20 of the daily API tokens. */
const KEPT_MS = 10 * 60_000;

/** What is written to. */
export type PipedriveTarget = 'deal' | 'person';

/** The company's own definitions of fields, looked up once and kept for ten minutes. */
export interface PipedriveFields {
  /**
   * Properties as a deal or a person takes them, from field keys (40 characters) or names, with option labels as option ids.
   *
   * @throws CrmError `configuration` for a field or option that the company does not have
   */
  values(
    of: PipedriveTarget,
    properties: Record<string, string>,
    signal?: AbortSignal,
  ): Promise<Record<string, unknown>>;
  /** The labels that people can be given, by id. None when they may not be read: they help, but nothing needs them. */
  personLabels(signal?: AbortSignal): Promise<Map<string, string>>;
}

export function createPipedriveFields(api: PipedriveApi, now: () => Date): PipedriveFields {
  const fieldsOf = (path: '/v2/dealFields' | '/v2/personFields') =>
    kept(now, async (signal) => {
      const fields: Field[] = [];
      const call = { method: 'GET', path, query: { limit: PAGE_SIZE }, signal } as const;
      for await (const page of eachPage(api, fieldSchema, call, MAX_PAGES)) {
        fields.push(...page);
      }
      return fields;
    });
  const definitions = { deal: fieldsOf('/v2/dealFields'), person: fieldsOf('/v2/personFields') };
  const personLabels = kept(now, async (signal) => {
    try {
      const field = await api.call(fieldSchema, { method: 'GET', path: '/v2/personFields/label_ids', signal });
      return new Map((field.options ?? []).map(({ id, label }) => [idSchema.parse(id), label ?? '']));
    } catch (error) {
      if (error instanceof CrmError && !error.retryable && error.code !== 'configuration') {
        return new Map<string, string>();
      }
      throw error;
    }
  });
  return {
    personLabels,
    async values(of, properties, signal) {
      const names = Object.keys(properties);
      const fields = names.length === 0 ? [] : await definitions[of](signal);
      const standard: Record<string, unknown> = {};
      const custom: Record<string, unknown> = {};
      for (const [name, value] of Object.entries(properties)) {
        const field = fieldCalled(fields, name, of);
        const target = field.is_custom_field === true ? custom : standard;
        target[field.field_code] = valueFor(field, value, of);
      }
      return { ...standard, ...(Object.keys(custom).length === 0 ? {} : { custom_fields: custom }) };
    },
  };
}

/** Keeps what was read; a failed reading is not kept, nor is one caller's cancellation another's. */
function kept<T>(now: () => Date, read: (signal?: AbortSignal) => Promise<T>): (signal?: AbortSignal) => Promise<T> {
  let last: { value: T; until: number } | undefined;
  return async (signal) => {
    if (last === undefined || now().getTime() >= last.until) {
      const value = await read(signal);
      last = { value, until: now().getTime() + KEPT_MS };
    }
    return last.value;
  };
}

/** By key first, because a field may be called like another's key; names are compared as people write them. */
function fieldCalled(fields: Field[], name: string, of: PipedriveTarget): Field {
  const found = fields.find(({ field_code }) => field_code === name) ?? theOneNamed(fields, name, of);
  if (found === undefined) {
    throw new CrmError(
      'configuration',
      `Pipedrive has no ${of} field "${name}". Make it in Company settings, Data fields, or correct the configured name.`,
    );
  }
  return found;
}

function theOneNamed(fields: Field[], name: string, of: PipedriveTarget): Field | undefined {
  const same = fields.filter(({ field_name }) => folded(field_name) === folded(name));
  if (same.length > 1) {
    const keys = same.map(({ field_code }) => field_code).join(', ');
    throw new CrmError('configuration', `Several ${of} fields are called "${name}": use the key of one (${keys}).`);
  }
  return same[0];
}

/** Fields of options take option ids and numeric ones numbers; everything else takes the text, as Pipedrive reads it. */
function valueFor(field: Field, value: string, of: PipedriveTarget): unknown {
  if (field.field_type === 'enum') {
    return optionOf(field, value, of);
  }
  if (field.field_type === 'set') {
    return value.split(',').map((part) => optionOf(field, part, of));
  }
  const isNumeric = field.field_type === 'double' || field.field_type === 'int';
  return isNumeric && value.trim() !== '' && Number.isFinite(Number(value)) ? Number(value) : value;
}

function optionOf({ field_name, options }: Field, value: string, of: PipedriveTarget): number | string {
  const all = options ?? [];
  const option =
    all.find(({ label }) => folded(label ?? '') === folded(value)) ?? all.find(({ id }) => String(id) === value.trim());
  if (option === undefined) {
    const known = all.map(({ label }) => label ?? '').join(', ');
    throw new CrmError(
      'configuration',
      `The ${of} field "${field_name}" has no option "${value.trim()}" (it has: ${known.slice(0, 200)}). Add it in Pipedrive.`,
    );
  }
  return option.id;
}

function folded(text: string): string {
  return text.trim().toLowerCase();
}
