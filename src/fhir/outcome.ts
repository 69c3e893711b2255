import type { JsonObject } from '../core/json.js';
import { renderResource } from './render.js';
import type { FhirVersion } from './version.js';

/** One issue of an OperationOutcome, in R4's words. */
export interface OutcomeIssue {
  readonly severity: 'fatal' | 'error' | 'warning' | 'information';
  /** An R4 issue type; older versions get the code that it is a kind of. */
  readonly code: string;
  /** For a person; nothing of a patient. */
  readonly diagnostics?: string;
  /** Where the issue lies: FHIRPath, or `http.<header or parameter>`. DSTU2 shows it as `location`. */
  readonly expression?: readonly string[];
}

/** An OperationOutcome in a version. */
export function outcome(version: FhirVersion, issues: readonly OutcomeIssue[]): JsonObject {
  const r4: JsonObject = {
    resourceType: 'OperationOutcome',
    issue: issues.map((issue) => ({
      severity: issue.severity,
      code: issue.code,
      ...(issue.diagnostics === undefined ? {} : { diagnostics: issue.diagnostics }),
      ...(issue.expression === undefined ? {} : { expression: [...issue.expression] }),
    })),
  };
  return renderResource(version, r4) ?? r4;
}
