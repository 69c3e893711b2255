import { mayLackIndex } from './mongo-errors.js';

/**
 * Runs a query that names its index, so that no change of contents changes the plan. While the index is being built, after
 * an upgrade, the query runs without the name, as well as the database can.
 */
export async function byIndex<T>(index: string, run: (how: { readonly hint?: string }) => Promise<T>): Promise<T> {
  try {
    return await run({ hint: index });
  } catch (error) {
    if (!mayLackIndex(error)) throw error;
    return run({});
  }
}
