/** A parameter's name as an outcome may show it: anything else could be a value that slipped into its place. */
export function shownParameter(name: string): string {
  return /^[A-Za-z_-]{1,40}([.:][A-Za-z_-]{1,40}){0,4}$/.test(name) ? name : '(not a parameter name)';
}
