import { definitionsOf } from '../fhir/definitions/definition-files.js';

/** True for a primitive type of R4: `date`, `uri`. */
export function isPrimitive(type: string): boolean {
  return definitionsOf('R4').types[type]?.kind === 'primitive';
}
