/** What the dashboard shows and the alerts look at is what processes export; every alert has its section in docs/operations.md. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { accessFileName } from '../../src/admin/access-file.js';
import { programFolder } from '../../src/cli/program-version.js';
import { runWardline, sample } from '../support/running-wardline.js';
import { composeFile, page } from './compose-file.js';
import { readQuery } from './promql.js';

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly datasource?: { readonly uid: string };
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly {
    readonly expr: string;
    readonly legendFormat: string;
    readonly datasource: { readonly uid: string };
  }[];
}

interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string };
}

const dashboard = JSON.parse(page('deploy/grafana/dashboards/wardline.json')) as {
  readonly uid: string;
  readonly panels: readonly Panel[];
};
const { groups } = parse(page('deploy/prometheus/alerts.yml')) as {
  readonly groups: readonly { readonly rules: readonly Alert[] }[];
};
const alerts = groups.flatMap(({ rules }) => rules);
const scraped = parse(page('deploy/prometheus/prometheus.yml')) as {
  readonly rule_files: readonly string[];
  readonly scrape_configs: readonly {
    readonly job_name: string;
    readonly dns_sd_configs: readonly { readonly names: readonly string[]; readonly port: number }[];
  }[];
};
const queries = [
  ...dashboard.panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => [title, expr] as const)),
  ...alerts.map(({ alert, expr }) => [alert, expr] as const),
];

/** Of Prometheus itself. */
const ofTarget = ['job', 'instance'];

describe('monitoring', () => {
  it('every query reads metrics that a process exports, by labels that they have', { timeout: 120_000 }, async (t) => {
    const running = await runWardline(t);
    for (const file of ['adt-a01', 'oru-r01-vitals', 'adt-a03']) await running.north.send(sample(`${file}.hl7`));
    await running.north.send('MSH|^~\\&|A|B|C|D|20260101||ZZZ^Z99|1|P|2.5\rPID|1||77^^^X^MR\r');
    await running.settled();
    const fhir = await running.north.fhir('R4');
    await fhir.get('/Patient?_count=1');
    const { url } = JSON.parse(readFileSync(join(running.dataFolder, accessFileName), 'utf8')) as { url: string };
    const exported = await until(
      async () => metricsOf(await (await fetch(`${url}/metrics`)).text()),
      (metrics) => (metrics.get('wardline_messages')?.size ?? 0) > 0,
    );
    exported.set('up', new Set());
    for (const [where, query] of queries) {
      const { metrics, labels } = readQuery(query);
      assert.ok(metrics.length > 0, where);
      for (const metric of metrics) assert.ok(exported.has(metric), `${where}: no process exports ${metric}`);
      for (const label of labels.filter((one) => !ofTarget.includes(one))) {
        const known = metrics.some((metric) => {
          const seen = exported.get(metric);
          // what never happened here shows no labels
          return seen?.size === 0 || seen?.has(label) === true;
        });
        assert.ok(known, `${where}: ${metrics.join()} have no label ${label}`);
      }
    }
    const checked = queries
      .flatMap(([, query]) => readQuery(query).metrics)
      .filter((name) => (exported.get(name)?.size ?? 0) > 0);
    assert.ok(new Set(checked).size >= 10, `labels of ${new Set(checked).size} metrics were seen`);
  });

  it('each rate, quantile and sum is a query that can be meant; what cannot is found', () => {
    for (const [where, query] of queries) {
      assert.doesNotThrow(() => readQuery(query), where);
      for (const [, counter] of query.matchAll(/(?:rate|increase)\((\w+)/g))
        assert.match(counter ?? '', /_(total|bucket|count)$/, where);
      if (query.includes('histogram_quantile'))
        assert.match(query, /sum by \((.*, )?le(, .*)?\) \(rate\(\w+_bucket/, where);
    }
    for (const wrong of ['sum(up', 'rate(a_total[5])', 'summe(up)', 'up{job}', 'up)', 'sum by (le (up)'])
      assert.throws(() => readQuery(wrong), wrong);
  });

  it('panels have numbers and places of their own, and the provisioned source', () => {
    const source = parse(page('deploy/grafana/provisioning/datasources/prometheus.yml')) as {
      datasources: { uid: string; url: string }[];
    };
    const { uid, url } = source.datasources[0] ?? {};
    assert.equal(url, 'http://prometheus:9090');
    const ids = dashboard.panels.map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
    const taken = new Set<string>();
    for (const { title, type, gridPos, datasource, targets } of dashboard.panels) {
      assert.ok(gridPos.x + gridPos.w <= 24, title);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          assert.equal(taken.has(`${x} ${y}`), false, `${title} lies over another`);
          taken.add(`${x} ${y}`);
        }
      }
      if (type === 'row') continue;
      assert.ok(type === 'stat' || type === 'timeseries', title);
      assert.equal(datasource?.uid, uid, title);
      assert.ok((targets?.length ?? 0) > 0 && targets?.every((target) => target.datasource.uid === uid), title);
      // a legend names labels that the query keeps
      for (const { expr, legendFormat } of targets ?? []) {
        const shown = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label);
        const kept = / by \(([^)]*)\)/.exec(expr)?.[1]?.split(', ') ?? ofTarget;
        assert.deepEqual(
          shown.filter((label) => !kept.includes(label)),
          [],
          title,
        );
      }
    }
  });

  it('shows message rates, latency of acknowledgements, queue age, parked, lag by tenant, search latency, and who is up', () => {
    const all = queries.map(([, query]) => query).join('\n');
    for (const metric of [
      'wardline_messages_received_total',
      'wardline_acknowledgement_seconds_bucket',
      'wardline_oldest_unsettled_seconds',
      'wardline_messages{state="parked"}',
      'wardline_tenant_oldest_unsettled_seconds',
      'wardline_search_seconds_bucket',
      'up{job',
    ])
      assert.ok(all.includes(metric), metric);
  });

  it('Prometheus asks each role where docker-compose.yml runs it, and Grafana finds what is mounted', () => {
    const { services } = composeFile();
    const { health } = parse(page('deploy/wardline.yaml')) as { health: { port: number } };
    const roles = Object.keys(services).filter((name) => services[name]?.command?.[1]?.startsWith('dist/workers/'));
    assert.deepEqual(
      scraped.scrape_configs.map(({ job_name, dns_sd_configs: [target] }) => [
        job_name,
        target?.names.join(),
        target?.port,
      ]),
      roles.map((role) => [`wardline-${role}`, role, health.port]),
    );
    for (const file of scraped.rule_files) assert.ok(existsSync(join(programFolder, 'deploy/prometheus', file)));
    const { volumes = [], environment = {} } = services['grafana'] ?? {};
    const mounts = new Map(
      volumes.map((volume) => volume.split(':') as [string, string]).map(([from, to]) => [to, from]),
    );
    const folder = (
      parse(page('deploy/grafana/provisioning/dashboards/wardline.yml')) as {
        providers: { options: { path: string } }[];
      }
    ).providers[0]?.options.path;
    assert.equal(mounts.get(folder ?? ''), './deploy/grafana/dashboards');
    assert.equal(mounts.get('/etc/grafana/provisioning'), './deploy/grafana/provisioning');
    assert.equal(environment['GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH'], `${folder}/wardline.json`);
  });

  it('every alert says how bad it is and in one sentence what, and docs/operations.md what it means and what to do', () => {
    const names = alerts.map(({ alert }) => alert);
    assert.equal(new Set(names).size, names.length);
    for (const { alert, labels, annotations } of alerts) {
      assert.match(alert, /^Wardline[A-Z][A-Za-z]+$/);
      assert.ok(['info', 'warning', 'critical'].includes(labels.severity), alert);
      assert.ok(annotations.summary.length > 20, alert);
    }
    const sections = page('docs/operations.md').split(/^### /m).slice(1);
    const told = sections.filter((section) => section.startsWith('Wardline'));
    assert.deepEqual(told.map((section) => section.split('\n')[0] ?? '').sort(), names.sort());
    for (const section of told) {
      assert.match(section, /\*\*Means:\*\* \S/, section);
      assert.match(section, /\*\*Do:\*\* \S/, section);
    }
  });
});

/** Metrics of a scrape with the labels that samples of them have. */
function metricsOf(text: string): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  const add = (name: string): Set<string> => {
    const known = found.get(name) ?? new Set<string>();
    found.set(name, known);
    return known;
  };
  for (const line of text.split('\n')) {
    const type = /^# TYPE (\w+) (\w+)/.exec(line);
    if (type !== null) {
      const [, name = '', kind] = type;
      for (const end of kind === 'histogram' ? ['_bucket', '_count', '_sum'] : ['']) add(`${name}${end}`);
    }
    const sampled = /^(\w+)\{(.*)\} /.exec(line);
    if (sampled === null) continue;
    for (const [, label = ''] of (sampled[2] ?? '').matchAll(/(\w+)="/g)) add(sampled[1] ?? '').add(label);
  }
  return found;
}

async function until<T>(ask: () => Promise<T>, isSo: (answer: T) => boolean): Promise<T> {
  const end = performance.now() + 60_000;
  for (;;) {
    const answer = await ask();
    if (isSo(answer) || performance.now() > end) return answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
