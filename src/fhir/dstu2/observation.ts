import type { JsonObject } from '../../core/json.js';
import { changed, objects, renamed, text } from '../members.js';
import { oldCode } from '../old-codes.js';
import { withoutBoolean } from '../stu3/observation.js';

/** STU3 Observation to DSTU2. */
export function dstu2Observation(source: JsonObject): JsonObject {
  const status = text(source.status);
  const out = renamed(withoutBoolean(source), { context: 'encounter', comment: 'comments' });
  if (status !== undefined) out.status = oldCode('DSTU2', 'Observation.status', status) ?? status;
  if (source.referenceRange !== undefined) out.referenceRange = ranges(source);
  if (source.component !== undefined) {
    out.component = objects(source.component).map((component) =>
      component.referenceRange === undefined ? component : changed(component, { referenceRange: ranges(component) }),
    );
  }
  return out;
}

function ranges(source: JsonObject): JsonObject[] {
  return objects(source.referenceRange).map((range) => renamed(range, { type: 'meaning' }));
}
