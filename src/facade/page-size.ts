import { fault } from '../core/errors.js';

/** Resources on a page where nothing is asked, and at most. */
export const usualPage = 100;
export const largestPage = 1000;

/** Entries on a page of history, from `_count`. */
export function historyPage(asked: string | undefined): number {
  if (asked === undefined || asked === '') return usualPage;
  if (!/^\d+$/.test(asked)) throw fault('invalid-request', '_count is a whole number from 0');
  return Math.min(Number(asked), largestPage);
}
