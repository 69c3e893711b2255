import type { JsonObject } from '../../core/json.js';
import { changed, objects, renamed } from '../members.js';

/** R4 DiagnosticReport to STU3: performers and interpreters become performers with an actor. */
export function stu3DiagnosticReport(source: JsonObject): JsonObject {
  const performers = [...objects(source.performer), ...objects(source.resultsInterpreter)].map((actor) => ({ actor }));
  return changed(
    renamed(source, {
      encounter: 'context',
      media: 'image',
      conclusionCode: 'codedDiagnosis',
      resultsInterpreter: null,
    }),
    { performer: performers.length > 0 ? performers : undefined },
  );
}
