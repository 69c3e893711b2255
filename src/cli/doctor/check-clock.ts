import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../core/config.js';
import { area, type Finding, spanOf } from './finding.js';

const here = area('clock');

/** When this was written: a clock before that is wrong. */
const released = Date.UTC(2026, 0, 1);

/** The clock against the files that were written, and the zones of the configuration. */
export function checkClock({ dataFolder, tenants, profiles }: Config, now: number): Finding[] {
  const latest = latestChange(dataFolder);
  const found: Finding[] = [];
  const todo = 'set the clock; messages that arrive are stamped with it';
  if (now < released) found.push(here.problem(`it is ${new Date(now).toISOString()} by this clock`, todo));
  else if (latest - now > 60_000) {
    found.push(here.problem(`the clock is ${spanOf(latest - now)} behind the newest file of the data folder`, todo));
  } else found.push(here.ok(`${new Date(now).toISOString()}, not behind what was written`));
  const zones = new Set([...tenants, ...Object.values(profiles)].flatMap(({ zone }) => zone ?? []));
  const unknown = [...zones].filter((zone) => !isZone(zone));
  // Winter and summer of a zone that has both: what a Node without zone data gets wrong.
  if (offsetOf('Europe/Berlin', Date.UTC(2026, 0, 1)) === offsetOf('Europe/Berlin', Date.UTC(2026, 6, 1))) {
    found.push(here.problem('this Node has no time zone data', 'use a Node with full ICU'));
  }
  for (const zone of unknown) found.push(here.problem(`no time zone ${zone}`, 'name one of the IANA zones'));
  if (zones.size > unknown.length) found.push(here.ok(`time zones: ${[...zones].join(', ')}`));
  return found;
}

function latestChange(folder: string): number {
  if (!existsSync(folder)) return 0;
  return ['', 'archive', 'tenants']
    .map((part) => join(folder, part))
    .filter(existsSync)
    .flatMap((path) => readdirSync(path).map((name) => join(path, name)))
    .reduce((latest, file) => Math.max(latest, statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0), 0);
}

function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

function offsetOf(zone: string, at: number): string {
  return new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' }).format(at).split('GMT')[1] ?? '';
}
