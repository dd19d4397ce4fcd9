/**
 * Linear's schema as far as its SDK tells it: the types that its code generator made of it. Documents and variables are held
 * against them, so that a field that Linear does not have is refused here as it is there.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

interface Field {
  /** The named type, without lists and nulls. */
  type: string;
  required: boolean;
}

const folder = new URL('../../node_modules/@linear/sdk/dist/', import.meta.url);
const [largest] = readdirSync(folder)
  .filter((name) => name.endsWith('.d.mts'))
  .map((name) => ({ name, size: statSync(fileURLToPath(new URL(name, folder))).size }))
  .sort((one, other) => other.size - one.size);
const source = readFileSync(new URL(largest?.name ?? '', folder), 'utf8');
const known = new Map<string, Map<string, Field> | undefined>();

/** The fields of a type, of an input or of a field's arguments; undefined for scalars, enums and what is not there. */
export function fieldsOf(type: string): Map<string, Field> | undefined {
  if (!known.has(type)) known.set(type, read(type));
  return known.get(type);
}

function read(type: string): Map<string, Field> | undefined {
  const from = source.indexOf(`\ntype ${type} = `);
  const open = source.indexOf('{\n', from);
  if (from < 0 || open < 0 || source.slice(from + 1, open).includes('\n')) return undefined;
  const body = source.slice(open, source.indexOf('\n};', open)).replace(/\/\*\*[\s\S]*?\*\//g, '');
  const fields = new Map<string, Field>();
  for (const [, name, optional, value] of body.matchAll(/^\s+(\w+)(\??): (.*);$/gm)) {
    if (name === undefined || value === undefined) continue;
    const scalar = /Scalars\["(\w+)"\]/.exec(value)?.[1];
    const named = scalar ?? value.replace(/\b(?:Maybe|InputMaybe|Array)</g, '').replace(/>+$/, '');
    fields.set(name, { type: named, required: optional === '' });
  }
  return fields;
}

/** What is wrong with a value for an input's type: undefined when nothing is. */
export function inputFault(type: string, value: unknown, path = type): string | undefined {
  if (Array.isArray(value)) return value.map((item, index) => inputFault(type, item, `${path}.${index}`)).find(Boolean);
  if (['String', 'ID', 'UUID', 'TimelessDate'].includes(type)) {
    return typeof value === 'string' ? undefined : `${path} is no text`;
  }
  if (type === 'Int') return Number.isInteger(value) ? undefined : `${path} is no whole number`;
  if (type === 'Boolean') return typeof value === 'boolean' ? undefined : `${path} is neither true nor false`;
  const fields = fieldsOf(type);
  if (fields === undefined) return `${path}: no type ${type}`;
  if (typeof value !== 'object' || value === null) return `${path} is no object`;
  const given = new Map<string, unknown>(Object.entries(value));
  for (const [name, item] of given) {
    const field = fields.get(name);
    if (field === undefined) return `Field "${name}" is not defined by type "${type}".`;
    const fault = inputFault(field.type, item, `${path}.${name}`);
    if (fault !== undefined) return fault;
  }
  const missing = [...fields].find(([name, { required }]) => required && !given.has(name))?.[0];
  return missing === undefined ? undefined : `Field "${missing}" of required type was not provided.`;
}

export interface Selection {
  name: string;
  args: Record<string, unknown>;
  selections: Selection[];
}

/** Reads an operation of the subset of GraphQL that the steps use: no fragments, no aliases. */
export function parseDocument(text: string, variables: Record<string, unknown>): { root: string; fields: Selection[] } {
  const tokens = text.match(/[{}()[\]:!$@]|\w+/g) ?? [];
  let at = 0;
  const take = (wanted?: string): string => {
    const token = tokens[at] ?? '';
    if (wanted !== undefined && token !== wanted) throw new Error(`Syntax Error: Expected ${wanted}, found ${token}.`);
    at += 1;
    return token;
  };
  const word = (token: string) => (token === 'true' || token === 'false' ? token === 'true' : Number(token));
  const value = (): unknown => {
    const token = take();
    if (token === '$') return variables[take()];
    if (token !== '{') return word(token);
    const object: Record<string, unknown> = {};
    while (tokens[at] !== '}') {
      const name = take();
      take(':');
      object[name] = value();
    }
    take('}');
    return object;
  };
  const args = (): Record<string, unknown> => {
    const given: Record<string, unknown> = {};
    if (tokens[at] !== '(') return given;
    take('(');
    while (tokens[at] !== ')') {
      const name = take();
      take(':');
      given[name] = value();
    }
    take(')');
    return given;
  };
  const selections = (type: string): Selection[] => {
    const found: Selection[] = [];
    take('{');
    while (tokens[at] !== '}') {
      const name = take();
      const field = fieldsOf(type)?.get(name);
      if (field === undefined) throw new Error(`Cannot query field "${name}" on type "${type}".`);
      const given = args();
      const argsType = `${type}${name.charAt(0).toUpperCase()}${name.slice(1)}Args`;
      const fault = Object.keys(given).length === 0 ? undefined : inputFault(argsType, given);
      if (fault !== undefined) throw new Error(fault);
      let included = true;
      if (tokens[at] === '@') {
        take('@');
        take('include');
        included = args().if === true;
      }
      const inner = tokens[at] === '{' ? selections(field.type) : [];
      if (inner.length === 0 && fieldsOf(field.type) !== undefined)
        throw new Error(`Field "${name}" must have a selection.`);
      if (included) found.push({ name, args: given, selections: inner });
    }
    take('}');
    return found;
  };
  const root = take() === 'mutation' ? 'Mutation' : 'Query';
  take();
  for (let depth = tokens[at] === '(' ? 1 : 0; depth > 0; ) {
    at += 1;
    if (tokens[at] === '$') {
      const [name = '', type = ''] = [tokens[at + 1], tokens.slice(at + 3).find((token) => token !== '[')];
      const fault = inputFault(type, variables[name], `$${name}`);
      if (fault !== undefined) throw new Error(fault);
    }
    if (tokens[at] === ')') {
      depth = 0;
      at += 1;
    }
  }
  return { root, fields: selections(root) };
}
