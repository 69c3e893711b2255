/** A file of the data folder that tells that its installation moves away, or has moved: nobody is to run it by mistake then. */
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { fault } from '../../core/errors.js';

/** `to`: the database, without anything secret of the connection string. `at`: epoch ms. */
export interface MovedMarker {
  readonly state: 'moving' | 'moved';
  readonly to: string;
  readonly at: number;
}

/** Durable when it returns. */
export function putMarker(folder: string, marker: MovedMarker): void {
  const path = markerFile(folder);
  const file = openSync(`${path}.new`, 'w', 0o600);
  try {
    writeSync(file, `${JSON.stringify(marker)}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(`${path}.new`, path);
}

export function removeMarker(folder: string): void {
  rmSync(markerFile(folder), { force: true });
}

/** @throws Fault `installation-moved` where the folder has the marker: one sentence, with what to do */
export function refuseMoved(folder: string): void {
  const moved = movedAway(folder);
  if (moved !== undefined) throw fault('installation-moved', `${moved.said}: ${moved.todo} (${markerFile(folder)})`);
}

/** What the marker of the folder says and what to do about it; undefined where there is none. */
export function movedAway(folder: string): { readonly said: string; readonly todo: string } | undefined {
  const path = markerFile(folder);
  if (!existsSync(path)) return undefined;
  let marker: Partial<MovedMarker> = {};
  try {
    marker = JSON.parse(readFileSync(path, 'utf8')) as Partial<MovedMarker>;
  } catch {
    // cut short or written by hand: what it is there for holds
  }
  const { state, to = 'MongoDB', at } = marker;
  const when = typeof at === 'number' ? `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC` : undefined;
  if (state === 'moving') {
    return {
      said: `the installation in ${folder} is being moved to ${to}${when === undefined ? '' : ` since ${when}`}`,
      todo: 'end that with wardline migrate; to give it up and run this one again, delete the marker',
    };
  }
  return {
    said: `the installation in ${folder} was moved to ${to}${when === undefined ? '' : ` on ${when}`}`,
    todo:
      'state mongodb, redis and masterKey in the configuration; ' +
      'to run the old one all the same, with what it takes in from then on kept here alone, delete the marker',
  };
}

function markerFile(folder: string): string {
  return join(folder, 'moved.json');
}
