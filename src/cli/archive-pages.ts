import type { AdminClient } from './admin-client.js';

/** A message of the archive, as far as commands need its row. */
export interface ArchivedMessage {
  readonly sequence: string;
  /** MSH-3|MSH-4 */
  readonly sender: string;
}

/** Which messages of the archive: the newest so many, of one tenant or of all. */
export interface ArchivedWish {
  readonly last: number;
  readonly tenant?: string | undefined;
}

const largestPage = 500;

/** The rows of the newest messages, newest first, page by page. @throws Fault as the admin API answers */
export async function* archivedMessages(
  client: AdminClient,
  { last, tenant }: ArchivedWish,
): AsyncGenerator<readonly ArchivedMessage[]> {
  let left = last;
  let before: string | undefined;
  do {
    const query = new URLSearchParams({ limit: String(Math.min(left, largestPage)) });
    if (tenant !== undefined) query.set('tenant', tenant);
    if (before !== undefined) query.set('before', before);
    const page = await client.call<{ messages: ArchivedMessage[]; next?: string }>('GET', `/messages?${query}`);
    yield page.messages;
    left -= page.messages.length;
    before = page.next;
  } while (before !== undefined && left > 0);
}
