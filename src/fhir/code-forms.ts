/**
 * Value sets of required bindings that no list can hold, by the form of their codes: languages (BCP 47), media types (RFC 6838),
 * currencies (ISO 4217). By the value set's address in whichever version.
 */
const mediaType = '[\\w.+-]+\\/[\\w.+*-]+(?:\\s*;.*)?';
const forms: Readonly<Record<string, string>> = {
  'http://hl7.org/fhir/ValueSet/mimetypes': mediaType,
  'http://www.rfc-editor.org/bcp/bcp13.txt': mediaType,
  'http://hl7.org/fhir/ValueSet/currencies': '[A-Z]{3}',
  'http://tools.ietf.org/html/bcp47': '[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*',
};

const whole = compiled((form) => `^${form}$`);
const atEnd = compiled((form) => `^(?:.*\\|)?${form}$`);

function compiled(place: (form: string) => string): ReadonlyMap<string, RegExp> {
  return new Map(Object.entries(forms).map(([valueSet, form]) => [valueSet, new RegExp(place(form))]));
}

/** What a code of the value set looks like; undefined for one whose codes are listed. */
export function codeForm(valueSet: string): RegExp | undefined {
  return whole.get(valueSet);
}

/** The same at the end of `system|code`, or of a code alone. */
export function codeFormAtEnd(valueSet: string): RegExp | undefined {
  return atEnd.get(valueSet);
}
