/** Three nodes of which the primary steps down, and is then killed, while writers write. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isTransient } from '../../../src/core/errors.js';
import { connectMongo } from '../../../src/store/mongodb/connection.js';
import type { ResourcePort } from '../../../src/store/resource-port.js';
import { north } from '../../conformance/archive-suite.js';
import { stored, writeOf } from '../../conformance/resource-suite.js';
import { ownReplicaSet } from '../../support/mongodb-server.js';
import { freshResources } from './mongo-resources.js';

/** Writes one version after the other of a document that other writers write as well, and keeps which were confirmed. */
class Writer {
  readonly confirmed = new Set<number>();
  readonly #port: ResourcePort;
  readonly #id: string;

  constructor(port: ResourcePort, id: string) {
    this.#port = port;
    this.#id = id;
  }

  /** Until so many more are confirmed; what fails for the moment is begun again from what is stored. */
  async confirm(more: number): Promise<void> {
    const wanted = this.confirmed.size + more;
    while (this.confirmed.size < wanted) {
      try {
        const [read] = await this.#port.read(north, 'Patient', [this.#id]);
        const version = (read?.version ?? 0) + 1;
        const resource = { resourceType: 'Patient', version };
        const next = stored({ id: this.#id, revision: version, version, lastUpdated: 1000, resource });
        const [done] = await this.#port.write(north, [writeOf(next)]);
        if (done === true) this.confirmed.add(version);
      } catch (error) {
        if (!isTransient(error)) throw error;
      }
    }
  }
}

test('what was confirmed stays, and no version is missing, when the primary is lost', {
  timeout: 180_000,
}, async (t) => {
  const servers = await ownReplicaSet(t, 3);
  if (servers === undefined) return;
  const client = connectMongo(servers.url, 5_000);
  const fresh = freshResources(client);
  const ids = ['own', 'shared', 'shared'];
  const writers = ids.map((id) => new Writer(fresh.port, id));
  const confirm = (): Promise<unknown> => Promise.all(writers.map((writer) => writer.confirm(5)));
  await confirm();
  const admin = client.db('admin');
  const stepping = confirm();
  await admin.command({ replSetStepDown: 10, secondaryCatchUpPeriodSecs: 5, force: true }).catch(() => undefined);
  await stepping;
  const { me } = await admin.command({ hello: 1 });
  const primary = servers.nodes.find(({ port }) => me === `127.0.0.1:${port}`) ?? assert.fail('no node is the primary');
  const killing = confirm();
  await primary.end('SIGKILL');
  await killing;
  for (const id of new Set(ids)) {
    const confirmed = writers.flatMap((writer, at) => (ids[at] === id ? [...writer.confirmed] : []));
    assert.equal(new Set(confirmed).size, confirmed.length, 'a version is one writer’s');
    const { versions, total } = await fresh.port.history(north, { type: 'Patient', id }, { count: 1000 });
    assert.deepEqual(
      versions.map(({ version, resource }) => [version, resource?.['version']]),
      Array.from({ length: total }, (_, at) => [total - at, total - at]),
    );
    assert.ok(total >= Math.max(...confirmed), `${total} versions, ${confirmed.length} confirmed`);
  }
  await fresh.end();
  await client.close();
});
