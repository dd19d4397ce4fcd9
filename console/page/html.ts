/** Markup that is safe to send. Made by `html` alone, so that whatever else is interpolated is text. */
class Markup {
  readonly #text: string;
  constructor(text: string) {
    this.#text = text;
  }
  toString(): string {
    return this.#text;
  }
}

export type { Markup };

/** What may stand in a template. Absent values and `false` leave nothing behind, so that `condition && html…` reads well. */
export type Content = Markup | string | number | false | null | undefined | readonly Content[];

/**
 * A template whose every interpolation is text, unless it was made by `html` itself. Attributes must stand in double quotes.
 *
 * ```ts
 * html`<li title="${note}">${name}</li>`
 * ```
 */
export function html(strings: TemplateStringsArray, ...values: Content[]): Markup {
  return new Markup(String.raw({ raw: strings }, ...values.map(render)));
}

function render(value: Content): string {
  if (value === null || value === undefined || value === false) return '';
  if (value instanceof Markup) return value.toString();
  if (typeof value === 'object') return value.map(render).join('');
  return escapeText(String(value));
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escapeText(text: string): string {
  // Half a surrogate pair is no character: it could not be sent as UTF-8.
  return text.toWellFormed().replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}
