import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ReindexPort } from '../reindex-port.js';
import { openDatabase } from './open-database.js';
import { readEditions } from './reindex.js';
import { resourceFormat } from './resource-schema.js';

/** Looks at tenants' files under `folder` as they are: one of an older format is not brought up. */
export function embeddedEditions(folder: string): Pick<ReindexPort, 'editions'> {
  return {
    async editions(tenant) {
      const file = join(folder, `${tenant}.db`);
      if (!existsSync(file)) return undefined;
      const db = openDatabase(file, { kind: 'resources', format: resourceFormat, schema: '', readOnly: true });
      try {
        return readEditions(db);
      } finally {
        db.close();
      }
    },
  };
}
