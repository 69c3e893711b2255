import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Config } from '../../core/config.js';
import { isOpenToOthers } from '../../core/secret-file.js';
import { area, type Finding, reasonOf } from './finding.js';

const here = area('certificates');
const day = 86_400_000;
const soon = 30;

/** Every certificate of the configuration, its key, the authorities, and the files with clients' secrets. */
export function checkCertificates({ http, listeners, clients }: Config, now: number): Finding[] {
  const found: Finding[] = [];
  if (http.tls !== undefined) found.push(...pair('http', http.tls.cert, http.tls.key, now));
  for (const { name, tls } of listeners) {
    if (tls === undefined) continue;
    found.push(...pair(`listener ${name}`, tls.cert, tls.key, now));
    if (tls.ca !== undefined) found.push(...authorities(`listener ${name}`, tls.ca, now));
  }
  for (const { id, secretFile, jwksFile } of clients) {
    for (const file of [secretFile, jwksFile])
      if (file !== undefined) found.push(...secret(id, file, file === secretFile));
  }
  return found.length === 0 ? [here.ok('none configured')] : found;
}

function pair(who: string, certFile: string, keyFile: string, now: number): Finding[] {
  const read = readBoth(who, certFile, keyFile);
  if ('state' in read) return [read];
  const [certificate] = read.certificates;
  if (certificate === undefined)
    return [here.problem(`${who}: ${certFile} holds no certificate`, 'put the chain there, PEM')];
  const found = [validity(who, certFile, certificate, now)];
  try {
    if (!certificate.checkPrivateKey(createPrivateKey(read.key))) {
      found.push(here.problem(`${who}: ${keyFile} is not the key of ${certFile}`, 'put the two that belong together'));
    }
  } catch {
    found.push(here.problem(`${who}: ${keyFile} holds no private key`, 'put the key there, PEM, without a passphrase'));
  }
  if (isOpenToOthers(keyFile))
    found.push(here.warning(`${who}: ${keyFile} can be read by others`, `chmod 600 ${keyFile}`));
  return found;
}

function readBoth(who: string, certFile: string, keyFile: string) {
  try {
    return { certificates: certificatesOf(certFile), key: readFileSync(keyFile) };
  } catch (error) {
    return here.problem(
      `${who}: ${certFile} and ${keyFile} cannot be read (${reasonOf(error)})`,
      'correct the paths or the modes',
    );
  }
}

function authorities(who: string, file: string, now: number): Finding[] {
  try {
    const certificates = certificatesOf(file);
    if (certificates.length === 0) throw new Error('no certificate in it');
    return certificates.map((certificate) => validity(`${who}, authority`, file, certificate, now));
  } catch (error) {
    return [here.problem(`${who}: ${file} cannot be used (${reasonOf(error)})`, 'put the authorities there, PEM')];
  }
}

function validity(who: string, file: string, certificate: X509Certificate, now: number): Finding {
  const days = Math.floor((Date.parse(certificate.validTo) - now) / day);
  if (Date.parse(certificate.validFrom) > now) {
    return here.problem(`${who}: ${file} is not valid yet`, 'look at the clock, or wait');
  }
  if (days < 0)
    return here.problem(`${who}: ${file} expired ${-days} days ago`, 'renew it; it is read again when it changes');
  const said = `${who}: ${file} is valid for ${days} days`;
  return days < soon ? here.warning(said, 'renew it; it is read again when it changes') : here.ok(said);
}

function certificatesOf(file: string): X509Certificate[] {
  const blocks =
    readFileSync(file, 'utf8').match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
  return blocks.map((block) => new X509Certificate(block));
}

function secret(client: string, file: string, isSecret: boolean): Finding[] {
  try {
    readFileSync(file);
  } catch (error) {
    return [
      here.problem(`client ${client}: ${file} cannot be read (${reasonOf(error)})`, 'correct the path or the mode'),
    ];
  }
  if (!isSecret || !isOpenToOthers(file)) return [];
  return [here.warning(`client ${client}: ${file} can be read by others`, `chmod 600 ${file}`)];
}
