/**
 * One finding. `path` is the element's location (`Patient.name[0].family`), `code` an issue type of FHIR. Neither the path
 * nor the message ever holds a value of the resource.
 */
export interface Issue {
  readonly severity: 'error' | 'warning';
  readonly path: string;
  readonly code: 'structure' | 'required' | 'value' | 'code-invalid' | 'invariant' | 'extension' | 'not-found';
  readonly message: string;
}

/** What collects findings. */
export type Report = (issue: Issue) => void;

/** An error at a place. */
export function error(path: string, code: Issue['code'], message: string): Issue {
  return { severity: 'error', path, code, message };
}
