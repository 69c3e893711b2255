import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainTenantSettings } from '../../src/core/tenant-settings.js';
import { stampTime } from '../../src/engine/event-time.js';
import { explainMessage } from '../../src/engine/explain.js';
import { tenantNames } from '../../src/engine/tenant-names.js';
import { adt, pid, projectMapping } from '../mapping/mapped.js';

const minute = 60_000;
const arrival = Date.UTC(2026, 4, 1, 12);

test('an event time counts up to ten minutes after the arrival, later ones as the arrival', () => {
  const cases: readonly (readonly [stated: number | undefined, time: number, flagged: boolean])[] = [
    [undefined, arrival, false],
    [arrival - 9000 * minute, arrival - 9000 * minute, false],
    [arrival + 10 * minute, arrival + 10 * minute, false],
    [arrival + 10 * minute + 1, arrival, true],
    [Date.UTC(2062, 0, 1), arrival, true],
  ];
  for (const [stated, time, flagged] of cases) assert.deepEqual(stampTime(stated, arrival), { time, flagged });
});

test('the trace of a message says that its event time was not believed', () => {
  const codes = (evn: string): string[] => {
    const payload = Buffer.from(adt('A08', pid).replace('20240503101400', evn).replaceAll('\n', '\r'));
    const explained = explainMessage(
      {
        mapping: projectMapping(),
        version: 1,
        names: tenantNames(new Uint8Array(32), plainTenantSettings),
        options: { tenant: { ...plainTenantSettings, zone: 'UTC' }, arrival },
      },
      {
        row: {
          ...{ sequence: { arrival, run: 1, number: 1 }, tenant: 'a', kind: 'message', listener: 'main', peer: '' },
          ...{ sender: '', type: '', sentAt: '', controlId: '', partition: 0, flags: [], size: payload.length },
        },
        payload,
      },
    );
    return (explained['diagnostics'] as { code: string }[]).map(({ code }) => code);
  };
  assert.deepEqual(codes('20620101000000'), ['event-time-ahead']);
  assert.deepEqual(codes('20260501120959'), []);
});
