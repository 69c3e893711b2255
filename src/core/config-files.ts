import { accessSync, constants } from 'node:fs';
import { type ConfigIssue, makeIssue, type Places } from './config-issues.js';
import type { ConfigFile } from './config-schema.js';

/** Files that the configuration names and this process cannot read: certificates, keys, secrets; but not where `hides` is true. */
export function unreadableFiles(
  config: ConfigFile,
  places: Places | undefined,
  hides: (path: readonly PropertyKey[]) => boolean,
): ConfigIssue[] {
  const issues: ConfigIssue[] = [];
  const check = (path: readonly PropertyKey[], file: string | undefined): void => {
    if (file === undefined || hides(path)) return;
    try {
      accessSync(file, constants.R_OK);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
      issues.push(makeIssue(path, `${file} cannot be read (${code})`, places));
    }
  };
  check(['masterKey', 'file'], config.masterKey.file);
  check(['http', 'tls', 'cert'], config.http.tls?.cert);
  check(['http', 'tls', 'key'], config.http.tls?.key);
  config.listeners.forEach(({ tls }, index) => {
    for (const name of ['cert', 'key', 'ca'] as const) check(['listeners', index, 'tls', name], tls?.[name]);
  });
  config.clients.forEach(({ secretFile, jwksFile }, index) => {
    check(['clients', index, 'secretFile'], secretFile);
    check(['clients', index, 'jwksFile'], jwksFile);
  });
  return issues;
}
