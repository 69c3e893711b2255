/** A message that no hospital ever sent: a structure, segments in and out of it, and fields of every type and of none. */
import { Buffer } from 'node:buffer';
import type { Random } from '../support/random.js';

const events = (
  'ADT^A01^ADT_A01 ADT^A02 ADT^A03^ADT_A03 ADT^A04 ADT^A05 ADT^A06 ADT^A08^ADT_A01 ADT^A11 ADT^A12 ADT^A13 ADT^A17^ADT_A17 ' +
  'ADT^A18 ADT^A23 ADT^A24^ADT_A24 ADT^A28 ADT^A29 ADT^A31 ADT^A34 ADT^A37 ADT^A40^ADT_A39 ADT^A43 ADT^A44 ADT^A45 ADT^A47 ' +
  'ADT^A54 ADT^A60^ADT_A60 ORU^R01^ORU_R01 ORU^R01 ORM^O01 OML^O21^OML_O21 RDE^O11^RDE_O11 RDE^O25 RDS^O13^RDS_O13 ' +
  'VXU^V04^VXU_V04 MDM^T02 OUL^R22 SIU^S12 BAR^P01 DFT^P03 ACK XXX^Y99 ADT^ZZZ ADT'
).split(' ');

const segments = (
  'PID PD1 PV1 PV2 NK1 AL1 IAM DG1 PR1 IN1 IN2 IN3 GT1 ACC UB1 UB2 PDA ROL PRT DB1 ARV MRG ORC OBR OBX OBX OBX NTE SPM SAC ' +
  'TQ1 TQ2 RXO RXE RXR RXC RXD RXA TXA FT1 CTI ZPI ZBX SFT UAC EVN DSC QQQ'
).split(' ');

const values: readonly ((random: Random) => string)[] = [
  () => '',
  () => '""',
  (random) => String(random.below(10 ** (1 + random.below(9)))),
  (random) => `${random.below(200)}.${random.below(100)}`,
  (random) => random.pick(['<5', '>=1:64', '1:64', '138/86', '10-20', 'NEG', '+', '-', '1e3', '0.0', '007']),
  (random) => `20${random.below(90) + 10}0${1 + random.below(9)}${10 + random.below(19)}`,
  (random) =>
    `2026${random.pick(['0301', '1231', '0229', '1340'])}${random.pick(['', '10', '1015', '101500', '101500.1234+0100', '246060'])}`,
  (random) =>
    random.pick([
      'M',
      'F',
      'U',
      'A',
      'I',
      'O',
      'E',
      'P',
      'C',
      'D',
      'X',
      'W',
      'N',
      'Y',
      'S',
      'R',
      'NW',
      'CA',
      'DC',
      'HD',
      'RE',
      'XO',
      'SC',
    ]),
  (random) => `A${random.below(30)}^^^NORTH&1.2.3&ISO^${random.pick(['MR', 'PI', 'SS', 'VN', ''])}`,
  (random) => `Berg${random.below(9)}^Anna^M^Jr^Dr^MD^${random.pick(['L', 'M', 'D', ''])}`,
  (random) => `D${random.below(20)}^House^Greg^^^Dr^MD^^NORTH&1.2.3&ISO^L^^^NPI`,
  (random) => `Weg ${random.below(99)}&Weg^Apt^Bonn^NW^53111^DEU^${random.pick(['H', 'B', 'M', ''])}`,
  (random) =>
    `+49 228 ${random.below(9999)}^${random.pick(['PRN', 'WPN', 'NET', ''])}^${random.pick(['PH', 'CP', 'Internet', ''])}^a@b.example`,
  (random) => `W${random.below(5)}^${random.below(99)}^B^NORTH&1.2&ISO^^N^H^3`,
  (random) =>
    `${random.pick(['8480-6', '8462-4', '85354-9', '8867-4', '2345-7', 'LOCAL', ''])}^Text & more^${random.pick(['LN', 'L', 'SCT', 'I10', '99X', ''])}^alt^Alt^L`,
  (random) => `P${random.below(50)}^NORTH^1.2.3^ISO`,
  (random) =>
    random.pick(['NM', 'ST', 'TX', 'FT', 'CE', 'CWE', 'SN', 'ED', 'RP', 'DT', 'TM', 'TS', 'NA', 'CX', 'XX', '']),
  () => '^TEXT^PDF^Base64^aGVsbG8=',
  () => 'a\\F\\b\\S\\c\\T\\d\\R\\e\\E\\f\\.br\\g\\X0D\\\\H\\h\\N\\\\Zx\\',
  () => '__proto__',
  () => 'Grüße, 日本 \u{1f3e5}',
  (random) => `${'x'.repeat(random.below(300))}`,
  () => 'https://example.org/a b?c=1&d',
];

/** Bytes of one message, without frame. Mostly the usual delimiters and UTF-8. */
export function randomMessage(random: Random): Buffer {
  const usual = random.chance(0.95);
  const [field, component, repetition, subcomponent] = usual
    ? ['|', '^', '~', '&']
    : random.shuffle(['#', '*', '!', '?', '@', ';']);
  const event = random.pick(events);
  const lines = [
    `MSH|^~\\&|${random.pick(['ADT', 'LAB', 'RX', ''])}|NORTH|W|W|2026030110150${random.below(10)}||${event}|M${random.below(1e6)}|P|${random.pick(['2.3', '2.3.1', '2.5', '2.5.1', '2.8', '', '9.9'])}${random.chance(0.1) ? '||||||8859/1' : ''}`,
  ];
  if (random.chance(0.6)) lines.push(`EVN|${event.slice(4, 7)}|20260301101500|||${value(random)}|20260301101400`);
  if (random.chance(0.9)) lines.push(segment(random, 'PID', 30));
  const rest = random.below(8);
  for (let count = 0; count < rest; count++) lines.push(segment(random, random.pick(segments), 20));
  const text = lines.join('\r');
  return Buffer.from(
    usual
      ? text
      : text
          .replaceAll('|', field ?? '|')
          .replaceAll('^', component ?? '^')
          .replaceAll('~', repetition ?? '~')
          .replaceAll('&', subcomponent ?? '&'),
  );
}

function segment(random: Random, name: string, longest: number): string {
  const fields = Array.from({ length: 1 + random.below(longest) }, (_, at) => {
    if (at === 0 && random.chance(0.8)) return '1';
    if (random.chance(0.45)) return '';
    return random.chance(0.1) ? `${value(random)}~${value(random)}` : value(random);
  });
  return [name, ...fields].join('|');
}

function value(random: Random): string {
  return random.pick(values)(random);
}
