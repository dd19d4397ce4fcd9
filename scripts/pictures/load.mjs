import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from '../checkout.mjs';

/** A module of the built project. */
export const load = (path) => import(pathToFileURL(join(ROOT, 'dist', path)).href);
