import ora, { type Ora } from 'ora';
import type { Output } from './output.ts';

/** Says what is being done while somebody waits. */
export interface Progress {
  /** Runs one named stage; `say` changes what stands behind its name. */
  stage<T>(name: string, run: (say: (detail: string) => void) => Promise<T>, done?: (result: T) => string): Promise<T>;
}

/** A spinner on a terminal, a line per stage elsewhere, a JSON document per stage with `--json`. */
export function createProgress(output: Output): Progress {
  return {
    async stage(name, run, done) {
      const began = performance.now();
      const spinner = output.interactive ? ora({ text: name, stream: process.stderr }).start() : undefined;
      if (spinner === undefined) output.emit({ type: 'stage', name, state: 'started' }, `· ${name}`);
      try {
        const result = await run((detail) => say(spinner, output, name, detail));
        const ms = Math.round(performance.now() - began);
        const detail = done?.(result) ?? '';
        const text = `${name}${detail === '' ? '' : ` · ${detail}`} (${(ms / 1000).toFixed(1)} s)`;
        if (spinner === undefined) output.emit({ type: 'stage', name, state: 'done', detail, ms }, `✔ ${text}`);
        else spinner.succeed(text);
        return result;
      } catch (error) {
        spinner?.fail(name);
        throw error;
      }
    },
  };
}

function say(spinner: Ora | undefined, output: Output, name: string, detail: string): void {
  if (spinner !== undefined) spinner.text = `${name} · ${detail}`;
  else output.emit({ type: 'stage', name, state: 'running', detail }, `  ${name} · ${detail}`);
}
