import { BlockList, isIP } from 'node:net';
import { fault } from '../core/errors.js';

/** Tells whether an address is on a list. */
export type AddressCheck = (address: string) => boolean;

/**
 * Makes the check of an allow-list of addresses and CIDR ranges; an empty list lets all in. IPv4 addresses that arrive
 * mapped into IPv6 (`::ffff:10.0.0.1`) count as IPv4. Throws `config-invalid` for an entry that is neither.
 */
export function addressCheck(entries: readonly string[]): AddressCheck {
  if (entries.length === 0) return () => true;
  const list = new BlockList();
  for (const entry of entries) addEntry(list, entry);
  return (address) => {
    const plain = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address;
    const version = isIP(plain);
    return version !== 0 && list.check(plain, version === 4 ? 'ipv4' : 'ipv6');
  };
}

function addEntry(list: BlockList, entry: string): void {
  const [address = '', prefix, rest] = entry.split('/');
  const version = isIP(address);
  const bits = prefix === undefined ? undefined : Number(prefix);
  const most = version === 4 ? 32 : 128;
  const fits = bits === undefined || (/^\d+$/.test(prefix ?? '') && bits <= most);
  if (version === 0 || rest !== undefined || !fits) {
    throw fault('config-invalid', `allow-list: "${entry}" is neither an address nor a range such as 10.1.0.0/16`);
  }
  const family = version === 4 ? 'ipv4' : 'ipv6';
  if (bits === undefined) list.addAddress(address, family);
  else list.addSubnet(address, bits, family);
}
