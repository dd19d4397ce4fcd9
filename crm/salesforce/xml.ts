import { XMLParser } from 'fast-xml-parser';
import { TriggerRefused } from '../port.ts';

/** 100 notifications of a dozen fields are below 100 kB. */
const MAX_BYTES = 1024 * 1024;
/** Envelope, Body, notifications, Notification, sObject, field: six. */
const MAX_DEPTH = 16;

/** An element: its attributes under `@`, its text under `#`, and its children by the name they were written with. */
export type XmlElement = Readonly<Record<string, unknown>>;

const parser = new XMLParser({
  ignoreAttributes: false,
  attributesGroupName: '@',
  attributeNamePrefix: '',
  textNodeName: '#',
  alwaysCreateTextNode: true,
  // Ids and amounts are text: `00D…` and `1e5` must stay what they are.
  parseTagValue: false,
  parseAttributeValue: false,
  processEntities: false,
  ignoreDeclaration: true,
  maxNestedTags: MAX_DEPTH,
});

/**
 * Parses an XML document of a sender that is not trusted, and returns a holder whose child is the root element.
 *
 * Refused are: more than 1 MiB, more than 16 levels, other encodings than UTF-8, document types, entity declarations,
 * processing instructions, and what is not well-formed. No entity is replaced, not even `&amp;`: the fields that are read
 * here are ids, dates and booleans.
 *
 * @throws TriggerRefused `malformed_body`
 */
export function parseXml(body: Uint8Array): XmlElement {
  if (body.length > MAX_BYTES) {
    throw malformed(`is larger than ${MAX_BYTES} bytes`);
  }
  const text = decode(body);
  const declaration = /^\s*<\?xml(\s[^>]*)\?>/.exec(text)?.[0] ?? '';
  const encoding = /\sencoding\s*=\s*["']([^"']*)["']/.exec(declaration)?.[1] ?? 'utf-8';
  if (!/^utf-?8$/i.test(encoding)) {
    throw malformed(`says that it is in ${encoding.slice(0, 40)}; only UTF-8 is taken`);
  }
  const content = text.slice(declaration.length);
  if (/<!(?:DOCTYPE|ENTITY)/i.test(content)) {
    throw malformed('has a document type or an entity declaration, which Salesforce never sends');
  }
  if (content.includes('<?')) {
    throw malformed('has a processing instruction, which Salesforce never sends');
  }
  return parseContent(content);
}

/** The children with this local name, whatever their prefix. */
export function childrenOf(element: XmlElement, localName: string): XmlElement[] {
  return Object.entries(element)
    .filter(([name]) => localNameOf(name) === localName)
    .flatMap(([, value]) => (Array.isArray(value) ? value : [value]))
    .filter(isElement);
}

/**
 * The only child with this local name.
 *
 * @returns undefined when there is none
 * @throws TriggerRefused `malformed_body` when there are several: it must be clear which one counts
 */
export function childOf(element: XmlElement, localName: string): XmlElement | undefined {
  const found = childrenOf(element, localName);
  if (found.length > 1) {
    throw malformed(`has ${found.length} elements ${localName} where one is expected`);
  }
  return found[0];
}

/** The text of the only child with this local name; undefined when it is absent, empty or `xsi:nil`. */
export function textOf(element: XmlElement, localName: string): string | undefined {
  const text = childOf(element, localName)?.['#'];
  return typeof text === 'string' && text.trim() !== '' ? text.trim() : undefined;
}

/** An attribute by its local name, whatever its prefix. */
export function attributeOf(element: XmlElement, localName: string): string | undefined {
  const attributes = Object.entries(Object(element['@']));
  const value = attributes.find(([name]) => !isNamespaceDeclaration(name) && localNameOf(name) === localName)?.[1];
  return typeof value === 'string' ? value : undefined;
}

/**
 * The namespace of an element's child.
 *
 * @param ancestors from the root to the child's parent
 */
export function namespaceOf(ancestors: readonly XmlElement[], localName: string): string | undefined {
  const parent = ancestors.at(-1) ?? {};
  const name = Object.keys(parent).find((key) => localNameOf(key) === localName) ?? localName;
  const colon = name.indexOf(':');
  const declaration = colon === -1 ? 'xmlns' : `xmlns:${name.slice(0, colon)}`;
  const element = childOf(parent, localName) ?? {};
  for (const scope of [element, ...ancestors.toReversed()]) {
    const value: unknown = Object(scope['@'])[declaration];
    if (typeof value === 'string') {
      return value;
    }
  }
  return undefined;
}

function decode(body: Uint8Array): string {
  try {
    // Takes a leading byte order mark away.
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch (cause) {
    throw malformed('is not UTF-8', cause);
  }
}

function parseContent(content: string): XmlElement {
  try {
    const document: unknown = parser.parse(content, true);
    if (isElement(document) && rootsOf(document).length === 1) {
      return document;
    }
  } catch (cause) {
    throw malformed('is not well-formed XML', cause);
  }
  throw malformed('is not an XML document with one root');
}

/** The parser lets further roots pass that close themselves. */
function rootsOf(document: XmlElement): unknown[] {
  return Object.entries(document).flatMap(([name, value]) => (name === '#' || name === '@' ? [] : value));
}

function isElement(value: unknown): value is XmlElement {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isNamespaceDeclaration(name: string): boolean {
  return name === 'xmlns' || name.startsWith('xmlns:');
}

function localNameOf(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

export function malformed(what: string, cause?: unknown): TriggerRefused {
  return new TriggerRefused('malformed_body', `The body ${what}. Send an Outbound Message of Salesforce.`, { cause });
}
