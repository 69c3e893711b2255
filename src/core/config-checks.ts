import { type ConfigIssue, makeIssue, type Places } from './config-issues.js';
import type { ConfigFile, ListenerConfig } from './config-schema.js';
import { isLoopback } from './loopback.js';
import { nearestName } from './nearest-name.js';

/**
 * What no single key can say: references between parts, names used twice, plain HTTP in the open. Places for which `hides` is
 * true are left out.
 */
export function crossChecks(
  config: ConfigFile,
  places: Places | undefined,
  hides: (path: readonly PropertyKey[]) => boolean,
): ConfigIssue[] {
  const issues: ConfigIssue[] = [];
  const report = (path: readonly PropertyKey[], message: string): void => {
    if (!hides(path)) issues.push(makeIssue(path, message, places));
  };
  const tenants = new Set(config.tenants.map((tenant) => tenant.id));
  const checkTenant = (path: readonly PropertyKey[], id: string): void => {
    if (!tenants.has(id)) report(path, `tenant ${id} is not among tenants`);
  };
  const twice = (list: string, key: string, values: readonly (string | number | undefined)[]): void => {
    values.forEach((value, index) => {
      if (value !== undefined && values.indexOf(value) < index) report([list, index, key], `${value} is used twice`);
    });
  };
  const checkSource = (
    here: readonly PropertyKey[],
    source: Pick<ListenerConfig, 'profile' | 'tenant' | 'senders'>,
  ) => {
    if (config.profiles[source.profile] === undefined) {
      const near = nearestName(source.profile, Object.keys(config.profiles));
      report(
        [...here, 'profile'],
        `no profile ${source.profile}${near === undefined ? '' : `, did you mean ${near}?`}`,
      );
    }
    if ((source.tenant === undefined) === (source.senders === undefined))
      report(here, 'needs either tenant or senders');
    if (source.tenant !== undefined) checkTenant([...here, 'tenant'], source.tenant);
    source.senders?.forEach((sender, row) => {
      checkTenant([...here, 'senders', row, 'tenant'], sender.tenant);
      const { msh3, msh4, msh5, msh6 } = sender;
      if ([msh3, msh4, msh5, msh6].every((field) => field === undefined)) {
        report([...here, 'senders', row], 'needs at least one of msh3, msh4, msh5, msh6');
      }
    });
  };
  config.listeners.forEach((listener, index) => {
    const here = ['listeners', index];
    checkSource(here, listener);
    if (listener.kind === 'http') {
      if (listener.senders !== undefined)
        report([...here, 'senders'], 'is for MLLP; over HTTP the token names the tenant');
      if (!isLoopback(listener.host) && listener.tls === undefined && listener.trustedProxies.length === 0) {
        report([...here, 'host'], 'plain HTTP is served on loopback only; state tls, or trustedProxies behind a proxy');
      }
    } else if (listener.trustedProxies.length > 0) {
      report([...here, 'trustedProxies'], 'is for listeners of kind http');
    }
    if (listener.tls?.requireClientCertificate === true && listener.tls.ca === undefined) {
      report([...here, 'tls', 'ca'], 'is needed to require client certificates');
    }
  });
  twice(
    'listeners',
    'name',
    config.listeners.map((listener) => listener.name),
  );
  const listeners = config.listeners.map(({ name }) => name);
  config.directories.forEach((directory, index) => {
    checkSource(['directories', index], directory);
    if (listeners.includes(directory.name)) {
      report(['directories', index, 'name'], `${directory.name} is the name of a listener, too`);
    }
  });
  for (const key of ['name', 'path'] as const) {
    twice(
      'directories',
      key,
      config.directories.map((directory) => directory[key]),
    );
  }
  const doors: readonly [readonly PropertyKey[], { readonly host: string; readonly port: number } | undefined][] = [
    [['http'], config.http],
    [['admin'], config.admin],
    [['health'], config.health],
    ...config.listeners.map((listener, index): [PropertyKey[], ListenerConfig] => [['listeners', index], listener]),
  ];
  const taken = new Set<string>();
  for (const [path, door] of doors) {
    if (door === undefined || door.port === 0) continue;
    const port = `${door.host}:${door.port}`;
    if (taken.has(port)) report([...path, 'port'], `${port} is used twice`);
    taken.add(port);
  }
  twice(
    'tenants',
    'id',
    config.tenants.map((tenant) => tenant.id),
  );
  twice(
    'clients',
    'id',
    config.clients.map((client) => client.id),
  );
  config.clients.forEach((client, index) => {
    client.tenants.forEach((id, row) => {
      checkTenant(['clients', index, 'tenants', row], id);
    });
    if (client.secretFile === undefined && client.jwksFile === undefined && client.jwksUri === undefined) {
      report(['clients', index], 'needs secretFile, jwksFile or jwksUri');
    }
    if (client.jwksFile !== undefined && client.jwksUri !== undefined) {
      report(['clients', index, 'jwksUri'], 'stands beside jwksFile; state one of them');
    }
  });
  const { http, admin, masterKey, mongodb, redis } = config;
  if (mongodb !== undefined && redis === undefined) report(['mongodb'], 'needs redis beside it');
  if (redis !== undefined && mongodb === undefined) report(['redis'], 'needs mongodb beside it');
  for (const [name, server] of Object.entries({ mongodb, redis })) {
    if (server !== undefined && (server.url === undefined) === (server.urlFile === undefined))
      report([name], 'needs either url or urlFile');
  }
  const clusters = Object.entries(mongodb?.clusters ?? {});
  for (const [name, { url, urlFile }] of clusters) {
    if ((url === undefined) === (urlFile === undefined))
      report(['mongodb', 'clusters', name], 'needs either url or urlFile');
  }
  config.tenants.forEach(({ cluster }, index) => {
    if (cluster !== undefined && !clusters.some(([name]) => name === cluster))
      report(['tenants', index, 'cluster'], `no cluster ${cluster} in mongodb.clusters`);
  });
  if (mongodb !== undefined && masterKey.file === undefined && masterKey.env === undefined)
    report(['masterKey'], 'has to be stated with mongodb: every process needs the same');
  if (!isLoopback(http.host) && http.tls === undefined && http.trustedProxies.length === 0) {
    report(
      ['http', 'host'],
      'plain HTTP is served on loopback only; state http.tls, or http.trustedProxies behind a proxy that ends TLS',
    );
  }
  if (!isLoopback(admin.host)) report(['admin', 'host'], 'the admin API is served on loopback only');
  if (masterKey.file !== undefined && masterKey.env !== undefined) report(['masterKey'], 'needs file or env, not both');
  return issues;
}
