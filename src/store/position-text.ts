import type { CursorPosition } from '../fhir/search-query.js';

/** A place in a search's order as JSON text. JSON has no infinity, but reads a number beyond all numbers as one. */
export function positionText({ values, id }: CursorPosition): string {
  const texts = values.map((value) =>
    typeof value === 'number' && !Number.isFinite(value) ? `${value < 0 ? '-' : ''}1e999` : JSON.stringify(value),
  );
  return `{"values":[${texts.join(',')}],"id":${JSON.stringify(id)}}`;
}
