import { searchEdition } from '../../fhir/search-values.js';
import { area, type Finding } from './finding.js';

const here = area('search values');

/** What the editions of stored search values say, where no running system is asked; undefined where none are noted. */
export function judgeEditions(editions: readonly number[] | undefined): Finding[] {
  if (editions === undefined) {
    return [here.ok('of a version before editions, or none yet: `wardline upgrade --dry` says which')];
  }
  return judgeDue({ edition: searchEdition, editions, due: editions.some((one) => one !== searchEdition) });
}

/** The same of what a running system says. */
export function judgeDue({
  edition,
  editions,
  due,
}: {
  readonly edition: number;
  readonly editions: readonly number[];
  readonly due: boolean;
}): Finding[] {
  if (!due) return [here.ok(`of edition ${edition}, which this program makes`)];
  return [
    here.warning(
      `documents may have some of edition ${editions.join(', ')}; this program makes ${edition}: searches that it answers otherwise may miss them`,
      'wardline upgrade, in the background, when all processes run the new version; --dry says how many',
    ),
  ];
}
