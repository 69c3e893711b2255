/** A character set by its WHATWG label; `iso-2022-jp` also covers JIS X 0201 and 0212. */
export type Charset = string;

/** The character set of a name as HL7 table 0211 writes it, or a usual other name; undefined when we do not know it. */
export function knownCharset(name: string): Charset | undefined {
  const key = name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '');
  const part = /^(?:ISO)?8859(\d{1,2})$/.exec(key)?.[1];
  if (part !== undefined)
    return part === '1' ? 'windows-1252' : parts8859.has(Number(part)) ? `iso-8859-${part}` : undefined;
  return charsets.get(key);
}

/** 8859/12 was never published; 8859/16 nobody sends. */
const parts8859 = new Set([2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15]);

const charsets = new Map<string, Charset>([
  ['ASCII', 'us-ascii'],
  ['USASCII', 'us-ascii'],
  ['ANSIX34', 'us-ascii'],
  ['ISOIR6', 'us-ascii'],
  ['ISOIR13', 'iso-2022-jp'],
  ['ISOIR14', 'iso-2022-jp'],
  ['ISOIR87', 'iso-2022-jp'],
  ['ISOIR159', 'iso-2022-jp'],
  ['ISO2022JP', 'iso-2022-jp'],
  ['ISOIR100', 'windows-1252'],
  ['ISOIR101', 'iso-8859-2'],
  ['SHIFTJIS', 'shift_jis'],
  ['EUCJP', 'euc-jp'],
  ['GB180302000', 'gb18030'],
  ['GB18030', 'gb18030'],
  ['GBK', 'gb18030'],
  ['GB2312', 'gb18030'],
  ['KSX1001', 'euc-kr'],
  ['EUCKR', 'euc-kr'],
  ['BIG5', 'big5'],
  ['UNICODE', 'utf-8'],
  ['UNICODEUTF8', 'utf-8'],
  ['UTF8', 'utf-8'],
  ['LATIN1', 'windows-1252'],
  ['ISOLATIN1', 'windows-1252'],
  ['CP1252', 'windows-1252'],
  ...['1250', '1251', '1252', '1253', '1254', '1255', '1256', '1257', '1258'].map((page): [string, Charset] => [
    `WINDOWS${page}`,
    `windows-${page}`,
  ]),
]);
