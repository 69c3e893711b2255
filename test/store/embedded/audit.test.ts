import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { DatabaseSync } from '@photostructure/sqlite';
import type { AuditPort } from '../../../src/store/audit-port.js';
import { openEmbeddedAudit } from '../../../src/store/embedded/audit.js';
import { auditEvent, auditSuite } from '../../conformance/audit-suite.js';
import { temporaryFolder } from './temporary-folder.js';

const key = Buffer.alloc(32, 7);

auditSuite('embedded', async () => {
  const folder = temporaryFolder();
  const file = join(folder.path, 'audit.db');
  const opened: AuditPort[] = [];
  const next = async (): Promise<AuditPort> => {
    const port = openEmbeddedAudit(file, { run: opened.length + 1, key });
    opened.push(port);
    return port;
  };
  const behind = (sql: string, ...values: number[]): void => {
    const db = new DatabaseSync(file);
    db.prepare(sql).run(...values);
    db.close();
  };
  return {
    port: await next(),
    nextRun: next,
    tamper: async (run, number) =>
      behind("UPDATE record SET body = replace(body, 'granted', 'denied') WHERE run = ? AND number = ?", run, number),
    cutLast: async (run) =>
      behind('DELETE FROM record WHERE run = ? AND number = (SELECT max(number) FROM record WHERE run = ?)', run, run),
    dropRun: async (run) => {
      behind('DELETE FROM record WHERE run = ?', run);
      behind('DELETE FROM head WHERE run = ?', run);
    },
    end: async () => {
      for (const port of opened) await port.close();
      folder.remove();
    },
  };
});

test('an audit that cannot be opened or written says audit-unavailable', async () => {
  const folder = temporaryFolder();
  const file = join(folder.path, 'audit.db');
  mkdirSync(`${file}.folder`);
  assert.throws(() => openEmbeddedAudit(`${file}.folder`, { run: 1, key }), { code: 'audit-unavailable' });
  const port = openEmbeddedAudit(file, { run: 1, key });
  const db = new DatabaseSync(file);
  db.exec('DROP TABLE head');
  db.close();
  await assert.rejects(port.append([auditEvent()]), { code: 'audit-unavailable' });
  await port.close();
  folder.remove();
});
