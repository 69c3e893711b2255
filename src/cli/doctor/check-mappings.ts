import type { Config } from '../../core/config.js';
import { printProblem } from '../../mapping/problem.js';
import { shippedMappings } from '../../store/mapping-files.js';
import { compileFolders } from '../mapping-folders.js';
import { area, type Finding, reasonOf } from './finding.js';

const here = area('mappings');

/** The mapping files, compiled as a start does: the base, and with the layers of each tenant that has some. */
export function checkMappings({ mappings, tenants }: Config): Finding[] {
  const base = mappings ?? shippedMappings;
  return [undefined, ...tenants.filter((tenant) => tenant.mappings !== undefined)].map((tenant) => {
    const who = tenant === undefined ? base : `tenant ${tenant.id} (${tenant.mappings})`;
    try {
      const { problems, files } = compileFolders(tenant?.mappings === undefined ? [base] : [base, tenant.mappings]);
      const [first] = problems;
      if (first === undefined) return here.ok(`${who}: ${files} files hold together`);
      return here.problem(
        `${who}: ${problems.length} problems, the first ${printProblem(first)}`,
        'wardline mapping check',
      );
    } catch (error) {
      return here.problem(`${who}: ${reasonOf(error)}`, 'correct `mappings` in the configuration');
    }
  });
}
