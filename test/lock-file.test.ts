/** What `npm ci` goes by on a fresh clone: nothing is missing, nothing comes from elsewhere, nothing has to be compiled. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkout } from './support/source-file.js';

interface Locked {
  readonly resolved?: string;
  readonly integrity?: string;
  readonly hasInstallScript?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const { packages } = JSON.parse(readFileSync(join(checkout, 'package-lock.json'), 'utf8')) as {
  readonly packages: Readonly<Record<string, Locked>>;
};

/** True when a package at `place` finds `name` beside itself or above, as Node looks for it. */
function found(place: string, name: string): boolean {
  for (let at = place; ; at = at.slice(0, Math.max(0, at.lastIndexOf('node_modules/') - 1))) {
    if (packages[`${at === '' ? '' : `${at}/`}node_modules/${name}`] !== undefined) return true;
    if (at === '') return false;
  }
}

test('the lock file holds all that any package names, for every platform: npm ci refuses one that does not', () => {
  const missing = Object.entries(packages).flatMap(
    ([place, { dependencies = {}, devDependencies = {}, optionalDependencies = {} }]) =>
      Object.keys({ ...dependencies, ...(place === '' ? devDependencies : {}), ...optionalDependencies })
        .filter((name) => !found(place, name))
        .map((name) => `${place} needs ${name}`),
  );
  assert.deepEqual(missing, []);
});

test('every package comes from the registry, with its checksum', () => {
  for (const [place, { resolved, integrity }] of Object.entries(packages)) {
    if (place === '') continue;
    assert.ok(resolved === undefined || resolved.startsWith('https://registry.npmjs.org/'), `${place}: ${resolved}`);
    assert.match(integrity ?? '', /^sha512-/, place);
  }
});

test('what runs at installation brings its binaries along: there is no compiler', () => {
  const scripts = Object.keys(packages).filter((place) => packages[place]?.hasInstallScript === true);
  const names = scripts.map((place) => place.split('node_modules/').at(-1));
  assert.deepEqual(names.sort(), ['@photostructure/sqlite', 'msgpackr-extract']);
  const here = `${process.platform}-${process.arch}`;
  const prebuilt = join(checkout, 'node_modules/@photostructure/sqlite/prebuilds', here);
  assert.ok(existsSync(prebuilt) && readdirSync(prebuilt).length > 0, `SQLite has no binary for ${here}`);
  const places = Object.keys(packages).join('\n');
  for (const platform of ['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64', 'win32-x64']) {
    assert.ok(places.includes(`@msgpackr-extract/msgpackr-extract-${platform}`), platform);
  }
});

test('the oldest Node that it runs on is the one that is promised', () => {
  const { engines } = JSON.parse(readFileSync(join(checkout, 'package.json'), 'utf8'));
  assert.deepEqual(engines, { node: '>=20.19.0' });
});
