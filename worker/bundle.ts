import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { WorkerError } from './errors.ts';

/** Beside this folder when built; in `dist/` when run from the sources, as tests do. */
const PLACES = ['../workflow-bundle.js', '../dist/workflow-bundle.js'];

/**
 * The workflows, bundled when the project is built: bundling at start costs seconds and webpack's memory.
 *
 * @throws WorkerError `bundle_missing`
 */
export function workflowBundle(): { codePath: string } {
  for (const place of PLACES) {
    const codePath = fileURLToPath(new URL(place, import.meta.url));
    if (existsSync(codePath)) return { codePath };
  }
  throw new WorkerError('bundle_missing', 'The workflows are not built: run `npm run build`');
}
