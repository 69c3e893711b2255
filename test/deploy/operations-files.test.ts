/** The balancer's and systemd's files that docs/operations.md gives, as far as they can be looked at without those programs. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { parse } from 'yaml';
import { page } from './compose-file.js';

it('the balancer passes each door on to servers that it has, by their readiness', () => {
  const sections = new Map<string, string[]>();
  let current: string[] = [];
  for (const line of page('deploy/haproxy.cfg').split('\n')) {
    if (/^\s*(#.*)?$/.test(line)) continue;
    if (/^\S/.test(line)) {
      current = [];
      assert.equal(sections.has(line), false, `${line} is there twice`);
      sections.set(line, current);
    } else current.push(line.trim());
  }
  const { health, http, listeners } = parse(page('deploy/wardline.yaml')) as {
    readonly health: { readonly port: number };
    readonly http: { readonly port: number };
    readonly listeners: readonly { readonly port: number }[];
  };
  const doors = [...sections.keys()].filter((name) => name.startsWith('frontend '));
  assert.deepEqual(doors, ['frontend mllp', 'frontend fhir']);
  const ports = { intake: listeners[0]?.port, facade: http.port };
  for (const door of doors) {
    const lines = sections.get(door) ?? [];
    const backend = /^default_backend (\w+)$/m.exec(lines.join('\n'))?.[1] as keyof typeof ports;
    const behind = sections.get(`backend ${backend}`);
    assert.ok(behind, `${door} leads to ${backend}`);
    const mode = lines.find((line) => line.startsWith('mode '));
    assert.equal(mode, door === 'frontend mllp' ? 'mode tcp' : 'mode http');
    assert.ok(behind.includes(mode ?? ''), `${backend} is of the same mode`);
    assert.ok(behind.includes('option httpchk GET /ready'));
    assert.ok(behind.some((line) => line.startsWith(`default-server check port ${health.port} `)));
    const servers = behind.filter((line) => line.startsWith('server '));
    assert.equal(servers.length, 2);
    for (const server of servers) assert.match(server, new RegExp(`^server ${backend}-\\d [\\d.]+:${ports[backend]}$`));
  }
});

it('the unit starts any role with what the configuration reads, and gives it time to end', () => {
  const lines = page('deploy/systemd/wardline@.service')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  const sections = lines.filter((line) => line.startsWith('['));
  assert.deepEqual(sections, ['[Unit]', '[Service]', '[Install]']);
  for (const line of lines) assert.match(line, /^(\[\w+\]|[A-Z][A-Za-z]+=.*)$/);
  assert.ok(lines.includes('ExecStart=/usr/bin/node /opt/wardline/dist/workers/%i.js'));
  const reference = page('docs/configuration.md');
  for (const line of lines) {
    const variable = /^Environment=(\w+)=/.exec(line)?.[1];
    if (variable !== undefined) assert.ok(reference.includes(`\`${variable}\``), variable);
  }
  const stop = Number(/^TimeoutStopSec=(\d+)$/m.exec(lines.join('\n'))?.[1]);
  assert.ok(stop > Number(/const deadline = (\d+)_?000;/.exec(page('src/cli/start.ts'))?.[1]));
});
