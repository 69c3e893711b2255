import { isJsonObject, type Json, type JsonObject } from '../../core/json.js';
import { changed, objects, renamed, text } from '../members.js';
import { oldCode } from '../old-codes.js';
import { withoutBoolean } from '../stu3/observation.js';

/** STU3 Observation to DSTU2. */
export function dstu2Observation(source: JsonObject): JsonObject {
  const status = text(source.status);
  const out = renamed(withoutBoolean(source), { context: 'encounter', comment: 'comments' });
  if (status !== undefined) out.status = oldCode('DSTU2', 'Observation.status', status) ?? status;
  // There is room for one: that by which vital signs are asked for is not lost behind another.
  const vital = objects(source.category).find(({ coding }) =>
    objects(coding).some(({ code }) => code === 'vital-signs'),
  );
  if (vital !== undefined) out.category = vital;
  if (source.referenceRange !== undefined) out.referenceRange = ranges(source);
  if (source.component !== undefined) {
    out.component = objects(source.component).map((component) => {
      const code = otherCode(component.code, source.code);
      return changed(component, {
        ...(code === undefined ? {} : { code }),
        ...(component.referenceRange === undefined ? {} : { referenceRange: ranges(component) }),
      });
    });
  }
  return out;
}

/** No component has a coding of the observation itself (obs-7): of several values of one code each is named by its text. */
function otherCode(code: Json | undefined, own: Json | undefined): JsonObject | undefined {
  if (!isJsonObject(code) || !isJsonObject(own)) return undefined;
  const codings = objects(own.coding);
  const same = (coding: JsonObject): boolean =>
    codings.some((each) => each.code === coding.code && each.system === coding.system);
  const [first] = objects(code.coding);
  if (!objects(code.coding).some(same)) return undefined;
  return { text: text(code.text) ?? text(first?.display) ?? text(first?.code) ?? 'unknown' };
}

function ranges(source: JsonObject): JsonObject[] {
  return objects(source.referenceRange).map((range) => renamed(range, { type: 'meaning' }));
}
