import type { JsonObject } from '../../core/json.js';
import { changed, objects, renamed, text } from '../members.js';
import { oldCode } from '../old-codes.js';

/** R4 Procedure to STU3, where what was not done says so beside its status. */
export function stu3Procedure(source: JsonObject): JsonObject {
  const status = text(source.status);
  const notDone = status === 'not-done';
  return changed(renamed(source, { encounter: 'context', statusReason: notDone ? 'notDoneReason' : null }), {
    status: status === undefined ? undefined : oldCode('STU3', 'Procedure.status', status),
    notDone: notDone ? true : undefined,
    performer:
      source.performer === undefined
        ? undefined
        : objects(source.performer).map((performer) => renamed(performer, { function: 'role' })),
  });
}
