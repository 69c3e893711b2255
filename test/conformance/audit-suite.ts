import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import type { AuditEvent, AuditPort } from '../../src/store/audit-port.js';
import { north, south } from './archive-suite.js';

export interface AuditUnderTest {
  readonly port: AuditPort;
  /** The audit as the next process run opens it. */
  readonly nextRun: () => Promise<AuditPort>;
  /** Changes the stored text of a record behind the audit's back. */
  readonly tamper: (run: number, number: number) => Promise<void>;
  /** Takes the last record of a run away behind the audit's back. */
  readonly cutLast: (run: number) => Promise<void>;
  /** Takes a whole run away behind the audit's back. */
  readonly dropRun: (run: number) => Promise<void>;
  readonly end: () => Promise<void>;
}

export function auditEvent(over: Partial<AuditEvent> = {}): AuditEvent {
  return {
    at: 1000,
    tenant: north,
    client: 'app',
    address: '127.0.0.1',
    action: 'search',
    subject: 'Observation',
    parameters: ['patient', 'category'],
    outcome: 'granted',
    status: 200,
    patients: ['p1'],
    ...over,
  };
}

/** What every audit must do. */
export function auditSuite(name: string, make: () => Promise<AuditUnderTest>): void {
  describe(`audit: ${name}`, () => {
    const open: AuditUnderTest[] = [];
    const fresh = async (): Promise<AuditUnderTest> => {
      const made = await make();
      open.push(made);
      return made;
    };
    after(async () => {
      for (const made of open) await made.end();
    });

    test('gives back what was appended, newest first, by tenant and patient', async () => {
      const { port } = await fresh();
      const events = [
        auditEvent(),
        auditEvent({ patients: ['p2', 'p1', 'p2'], at: 2000 }),
        auditEvent({ tenant: south }),
        auditEvent({ tenant: null, client: null, patients: [], outcome: 'denied', status: 401 }),
      ];
      await port.append(events.slice(0, 2));
      await Promise.all(events.slice(2).map((event) => port.append([event])));
      const plain = (records: readonly AuditEvent[]): unknown[] =>
        records.map((record) => {
          const { run: _run, number: _number, chain: _chain, ...event } = { run: 0, number: 0, chain: '', ...record };
          return event;
        });
      const [first, second, third, fourth] = events;
      assert.deepEqual(plain(await port.list({ limit: 9 })), [fourth, third, second, first]);
      assert.deepEqual(plain(await port.list({ limit: 1 })), [fourth]);
      assert.deepEqual(plain(await port.list({ tenant: north, limit: 9 })), [second, first]);
      assert.deepEqual(plain(await port.list({ tenant: north, patient: 'p2', limit: 9 })), [second]);
      assert.deepEqual(plain(await port.list({ patient: 'p1', limit: 9 })), [third, second, first]);
      const numbers = (await port.list({ limit: 9 })).map((record) => record.number);
      assert.deepEqual(numbers, [4, 3, 2, 1]);
    });

    test('chains hold over runs', async () => {
      const { port, nextRun } = await fresh();
      assert.deepEqual(await port.verify(), []);
      await port.append([auditEvent(), auditEvent()]);
      const next = await nextRun();
      await next.append([auditEvent()]);
      await port.append([auditEvent()]);
      assert.deepEqual(await next.verify(), []);
      const [record] = await next.list({ limit: 1 });
      assert.equal(record?.run, 1);
      assert.equal(record?.number, 3);
    });

    test('a changed record shows, and so does one cut off the end', async () => {
      const { port, nextRun, tamper, cutLast } = await fresh();
      await port.append(Array.from({ length: 5 }, () => auditEvent()));
      const next = await nextRun();
      await next.append(Array.from({ length: 3 }, () => auditEvent()));
      await tamper(1, 3);
      assert.deepEqual(await next.verify(), [{ run: 1, number: 3 }]);
      await cutLast(2);
      assert.deepEqual(await next.verify(), [
        { run: 1, number: 3 },
        { run: 2, number: 3 },
      ]);
    });

    test('a run taken away whole shows', async () => {
      const { port, nextRun, dropRun } = await fresh();
      await port.append([auditEvent()]);
      const next = await nextRun();
      await next.append([auditEvent()]);
      await dropRun(1);
      assert.deepEqual(await next.verify(), [{ run: 0, number: 0 }]);
    });
  });
}
