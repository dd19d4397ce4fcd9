import type { AddPages } from '../context.ts';
import { addScript } from './script.ts';
import { addStream } from './stream.ts';
import { closeUnusedConnections } from './unused-connections.ts';
import { addZone } from './zone-pages.ts';

/** `/live`, the script and the choice of a zone. */
export const addLive: AddPages = (app, context) => {
  addScript(app);
  addStream(app, context);
  addZone(app, context);
  closeUnusedConnections(app);
};
