import { z } from 'zod';
import { knownCharset } from './charset-names.js';

const durationUnits = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const sizeUnits = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3, TiB: 1024 ** 4 } as const;

/** A length of time written `250ms`, `30s`, `10m`, `12h` or `30d`; milliseconds after validation. */
export const duration = z
  .string()
  .regex(/^\d+(ms|s|m|h|d)$/, 'must be a whole number with a unit: 250ms, 30s, 10m, 12h, 30d')
  .transform((text) => {
    const unit = text.replace(/^\d+/, '') as keyof typeof durationUnits;
    return Number.parseInt(text, 10) * durationUnits[unit];
  });

/** An amount of storage written `512MiB` or as a number of bytes; bytes after validation. */
export const size = z
  .union([z.int().nonnegative(), z.string().regex(/^\d+(B|KiB|MiB|GiB|TiB)$/)], {
    error: 'must be bytes or a whole number with a unit: 1048576, 512KiB, 16MiB, 10GiB',
  })
  .transform((value) => {
    if (typeof value === 'number') return value;
    const unit = value.replace(/^\d+/, '') as keyof typeof sizeUnits;
    return Number.parseInt(value, 10) * sizeUnits[unit];
  });

/** A TCP port. 0 lets the system choose, as tests do. */
export const port = z.int('must be a port, 0 to 65535').min(0).max(65535);

/** MongoDB's connection string. */
export const mongodbUrl = z.string().regex(/^mongodb(\+srv)?:\/\//, 'must begin with mongodb:// or mongodb+srv://');

/** The URL of a Redis. */
export const redisUrl = z.string().regex(/^rediss?:\/\//, 'must begin with redis:// or rediss://');

/** A tenant's id: a GUID as Azure AD writes them, in either case; lower case after validation. */
export const guid = z
  .string()
  .regex(/^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i, 'must be a GUID: 8-4-4-4-12 hexadecimal digits')
  .transform((text) => text.toLowerCase());

/** A time zone of the IANA database. */
export const zone = z.string().refine(isZone, 'must be an IANA time zone, such as Europe/Berlin');

/** A character set by its name in HL7 table 0211, or a usual other one. */
export const charset = z
  .string()
  .refine(
    (name) => knownCharset(name) !== undefined,
    'must be a character set of HL7 table 0211, such as 8859/1 or UNICODE UTF-8',
  );

/** Names that stand in logs and metrics: listeners, profiles. */
export const shortName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,31}$/, 'must be 1 to 32 lower-case letters, digits and hyphens, a letter first');

/** An address block of an allow-list; a bare address stands for itself. */
export const addressBlock = z.union([z.cidrv4(), z.cidrv6(), z.ipv4(), z.ipv6()], {
  error: 'must be an address or a block of addresses: 10.0.0.0/8, 192.168.1.7, fd00::/8',
});

function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
