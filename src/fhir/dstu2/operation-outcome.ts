import type { JsonObject } from '../../core/json.js';
import { changed, objects } from '../members.js';

/** STU3 OperationOutcome to DSTU2: where an issue lies stands in `location`. */
export function dstu2OperationOutcome(source: JsonObject): JsonObject {
  return changed(source, {
    issue: objects(source.issue).map((issue) => {
      const location = issue.location ?? issue.expression;
      return changed(issue, { expression: undefined, ...(location === undefined ? {} : { location }) });
    }),
  });
}
