import type { JsonObject } from '../../core/json.js';
import { changed, objects, text } from '../members.js';
import { oldCode } from '../old-codes.js';

/** R4 OperationOutcome to STU3: newer issue codes become the ones that they are kinds of. */
export function stu3OperationOutcome(source: JsonObject): JsonObject {
  return changed(source, {
    issue: objects(source.issue).map((issue) => {
      const code = text(issue.code);
      return code === undefined
        ? issue
        : { ...issue, code: oldCode('STU3', 'OperationOutcome.issue.code', code) ?? code };
    }),
  });
}
