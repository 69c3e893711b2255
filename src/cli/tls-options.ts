import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import type { Command } from 'commander';
import { fault } from '../core/errors.js';

/** How a sender connects with TLS. */
export interface TlsOptions {
  readonly tls?: true;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** Adds `--tls`, `--ca`, `--cert` and `--key` to a command that sends. */
export function addTlsOptions(command: Command): Command {
  return command
    .option('--tls', 'connect with TLS')
    .option('--ca <file>', 'PEM file with the authorities of the receiver')
    .option('--cert <file>', 'PEM file with our certificate, for mutual TLS')
    .option('--key <file>', 'PEM file with its key');
}

/** What to connect with; undefined without TLS. @throws Fault `usage` for files that cannot be read. */
export function tlsOptions({ tls, ca, cert, key }: TlsOptions): ConnectionOptions | undefined {
  if (tls === undefined && ca === undefined && cert === undefined) return undefined;
  if ((cert === undefined) !== (key === undefined)) throw fault('usage', '--cert and --key go together');
  return {
    ...(ca === undefined ? {} : { ca: readPem(ca) }),
    ...(cert === undefined ? {} : { cert: readPem(cert) }),
    ...(key === undefined ? {} : { key: readPem(key) }),
  };
}

function readPem(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch {
    throw fault('usage', `${file} cannot be read`);
  }
}
