import { dice } from './demo-random.js';

/** What the demo hospital is made of. All people are invented; codes are those of LOINC, ICD-10-CM, RxNorm and HL7. */

export interface DemoPerson {
  readonly family: string;
  readonly given: string;
  readonly sex: 'F' | 'M';
  /** YYYYMMDD */
  readonly birth: string;
  readonly city: string;
}

const people: readonly (readonly [string, string, 'F' | 'M', string, string])[] = [
  ['Andersson', 'Maja', 'F', '19670214', 'Uppsala'],
  ['Brandt', 'Oskar', 'M', '19520811', 'Hamburg'],
  ['Chaudhary', 'Priya', 'F', '19880530', 'Leicester'],
  ['Dvořák', 'Tomáš', 'M', '19750103', 'Brno'],
  ['El-Mansouri', 'Youssef', 'M', '19910917', 'Marseille'],
  ['Fernández Ortiz', 'Lucía', 'F', '19590622', 'Sevilla'],
  ['Gärtner', 'Jürgen', 'M', '19460409', 'Tübingen'],
  ['Hansen', 'Ingrid', 'F', '19820726', 'Bergen'],
  ['Ivanova', 'Darya', 'F', '19960311', 'Plovdiv'],
  ['Jankowski', 'Piotr', 'M', '19710428', 'Gdańsk'],
  ['Kaplan', 'Deniz', 'F', '20010905', 'Köln'],
  ['Lange', 'Søren', 'M', '19630118', 'Aarhus'],
  ['Müller-Weiß', 'Käthe', 'F', '19381224', 'Würzburg'],
  ['Nguyen', 'Thi Lan', 'F', '19850713', 'Rennes'],
  ["O'Sullivan", 'Aoife', 'F', '19930216', 'Cork'],
  ['Pereira', 'João', 'M', '19560507', 'Porto'],
  ['Quist', 'Bram', 'M', '20140820', 'Utrecht'],
  ['Rantanen', 'Väinö', 'M', '19490131', 'Tampere'],
  ['Santoro', 'Chiara', 'F', '19781019', 'Bari'],
  ['Tanaka', 'Haruto', 'M', '19870602', 'Düsseldorf'],
  ['Ungureanu', 'Ștefan', 'M', '19660914', 'Cluj'],
  ['van den Berg', 'Anneke', 'F', '19551103', 'Gent'],
  ['Winterhalter', 'Léa', 'F', '20080327', 'Colmar'],
  ['Żurek', 'Zofia', 'F', '19420616', 'Łódź'],
];

const demoPeople: readonly DemoPerson[] = people.map(([family, given, sex, birth, city]) => ({
  family,
  given,
  sex,
  birth,
  city,
}));

/**
 * Person number `index` of however large a town: the first are the demo's own, later ones are put together from their names, the
 * same person for the same number.
 */
export function personOf(index: number): DemoPerson {
  const own = demoPeople[index];
  if (own !== undefined) return own;
  const random = dice(Math.imul(index, 0x9e3779b1));
  const named = random.pick(demoPeople);
  const [first, second] = [random.pick(demoPeople).family, random.pick(demoPeople).family];
  const year = 1930 + random.between(0, 95);
  const day = `${random.between(1, 12)}`.padStart(2, '0') + `${random.between(1, 28)}`.padStart(2, '0');
  return {
    family: first === second || random.chance(0.5) ? first : `${first}-${second}`,
    given: named.given,
    sex: named.sex,
    birth: `${year}${day}`,
    city: random.pick(demoPeople).city,
  };
}

/** XCN: id, family, given, prefix. */
export const doctors = [
  ['D1001', 'Achterberg', 'Nele', 'Dr.'],
  ['D1002', 'Okonkwo', 'Chidi', 'Dr.'],
  ['D1003', 'Söderlund', 'Eva', 'Dr.'],
  ['D1004', 'Papadakis', 'Nikos', 'Prof.'],
  ['D1005', 'Meßner', 'Ruth', 'Dr.'],
] as const;

interface DemoWard {
  /** Point of care. */
  readonly unit: string;
  readonly name: string;
  readonly service: string;
  readonly rooms: number;
}

const wards: readonly DemoWard[] = [
  { unit: '3W', name: 'Medical Ward 3 West', service: 'MED', rooms: 14 },
  { unit: '4E', name: 'Surgical Ward 4 East', service: 'SUR', rooms: 12 },
  { unit: 'CCU', name: 'Cardiac Care Unit', service: 'CAR', rooms: 8 },
  { unit: 'ICU', name: 'Intensive Care Unit', service: 'MED', rooms: 6 },
  { unit: '5N', name: 'Neurology Ward 5 North', service: 'NEU', rooms: 6 },
];

/** Ward number `index`: the demo's own, and as many more as a hospital has. */
export function wardOf(index: number): DemoWard {
  return wards[index] ?? { unit: `W${index + 1}`, name: `Ward ${index + 1}`, service: 'MED', rooms: 14 };
}

/** ICD-10-CM code and name, with the year of onset before now. */
export const diagnoses = [
  ['I10', 'Essential (primary) hypertension'],
  ['E11.9', 'Type 2 diabetes mellitus without complications'],
  ['J18.9', 'Pneumonia, unspecified organism'],
  ['I48.91', 'Unspecified atrial fibrillation'],
  ['K35.80', 'Unspecified acute appendicitis'],
  ['N39.0', 'Urinary tract infection, site not specified'],
  ['I50.9', 'Heart failure, unspecified'],
  ['J45.909', 'Unspecified asthma, uncomplicated'],
  ['S72.001A', 'Fracture of unspecified part of neck of right femur, initial encounter'],
  ['M54.50', 'Low back pain, unspecified'],
] as const;

/** Kind (HL7 table 0127), substance, reaction, severity (table 0128). */
export const allergies = [
  ['DA^Drug allergy^HL70127', '7980^Penicillin G^RXNORM', 'Hives', 'MO^Moderate^HL70128'],
  ['DA^Drug allergy^HL70127', '1191^Aspirin^RXNORM', 'Wheezing', 'SV^Severe^HL70128'],
  ['FA^Food allergy^HL70127', '256349002^Peanut^SCT', 'Anaphylaxis', 'SV^Severe^HL70128'],
  ['DA^Drug allergy^HL70127', '10180^Sulfamethoxazole^RXNORM', 'Rash', 'MI^Mild^HL70128'],
  ['MA^Miscellaneous allergy^HL70127', '111088007^Latex^SCT', 'Contact dermatitis', 'MI^Mild^HL70128'],
] as const;

export interface DemoDrug {
  readonly code: string;
  readonly name: string;
  readonly dose: string;
  readonly unit: string;
  readonly form: string;
  readonly sig: string;
  /** TQ1-3 repeat pattern. */
  readonly repeat: string;
}

const drug = (code: string, name: string, dose: string, unit: string, form: string, sig: string, repeat: string) => ({
  code,
  name,
  dose,
  unit,
  form,
  sig,
  repeat,
});

export const drugs: readonly DemoDrug[] = [
  drug('314076', 'Lisinopril 10 MG Oral Tablet', '10', 'mg', 'TAB^Tablet', 'Take one tablet in the morning', 'QAM'),
  drug('197361', 'Amlodipine 5 MG Oral Tablet', '5', 'mg', 'TAB^Tablet', 'Take one tablet once a day', 'QD'),
  drug(
    '861007',
    'Metformin hydrochloride 500 MG Oral Tablet',
    '500',
    'mg',
    'TAB^Tablet',
    'Take one tablet twice a day with meals',
    'BID',
  ),
  drug('617310', 'Atorvastatin 20 MG Oral Tablet', '20', 'mg', 'TAB^Tablet', 'Take one tablet at bedtime', 'QHS'),
  drug(
    '198440',
    'Acetaminophen 500 MG Oral Tablet',
    '500',
    'mg',
    'TAB^Tablet',
    'Take one to two tablets every 6 hours as needed for pain',
    'Q6H',
  ),
  drug(
    '308191',
    'Amoxicillin 500 MG Oral Capsule',
    '500',
    'mg',
    'CAP^Capsule',
    'Take one capsule three times a day for 7 days',
    'TID',
  ),
  drug(
    '855332',
    'Warfarin sodium 5 MG Oral Tablet',
    '5',
    'mg',
    'TAB^Tablet',
    'Take as directed by the anticoagulation clinic',
    'QPM',
  ),
];

export const insurers = [
  {
    company: 'LIH',
    name: 'Lindenhof Health Insurance',
    plan: 'COMFORT^Comfort Plus',
    group: 'G4711',
    groupName: 'Harbour Workers Union',
  },
  {
    company: 'AKN',
    name: 'Allgemeine Kasse Nord',
    plan: 'BASIS^Basis',
    group: 'G1200',
    groupName: 'Students and Trainees',
  },
  {
    company: 'MUT',
    name: 'Mutuelle du Rhin',
    plan: 'FAMILLE^Famille Intégrale',
    group: 'G0820',
    groupName: 'Public Service',
  },
] as const;

export interface DemoTest {
  /** CWE of OBX-3. */
  readonly code: string;
  readonly unit: string;
  readonly low: number;
  readonly high: number;
  readonly digits: number;
}

const test = (code: string, unit: string, low: number, high: number, digits: number) => ({
  code,
  unit,
  low,
  high,
  digits,
});

/** Vital signs. Two of them carry the hospital's own codes, which the tenant's table turns into LOINC. */
export const vitals: readonly DemoTest[] = [
  test('8867-4^Heart rate^LN', '/min', 60, 100, 0),
  test('RR^Respiration^LINDENHOF', '/min', 12, 20, 0),
  test('8310-5^Body temperature^LN', 'Cel', 36.1, 37.8, 1),
  test('SPO2^O2 saturation^LINDENHOF', '%', 94, 100, 0),
];

export const panels: readonly { readonly order: string; readonly tests: readonly DemoTest[] }[] = [
  {
    order: '58410-2^CBC panel - Blood by Automated count^LN',
    tests: [
      test('6690-2^Leukocytes [#/volume] in Blood by Automated count^LN', '10*3/uL', 4, 10, 1),
      test('718-7^Hemoglobin [Mass/volume] in Blood^LN', 'g/dL', 12, 16, 1),
      test('4544-3^Hematocrit [Volume Fraction] of Blood by Automated count^LN', '%', 36, 48, 0),
      test('777-3^Platelets [#/volume] in Blood by Automated count^LN', '10*3/uL', 150, 400, 0),
    ],
  },
  {
    order: '51990-0^Basic metabolic panel - Blood^LN',
    tests: [
      test('2951-2^Sodium [Moles/volume] in Serum or Plasma^LN', 'mmol/L', 136, 145, 0),
      test('2823-3^Potassium [Moles/volume] in Serum or Plasma^LN', 'mmol/L', 3.5, 5.1, 1),
      test('2160-0^Creatinine [Mass/volume] in Serum or Plasma^LN', 'mg/dL', 0.6, 1.2, 2),
      test('2345-7^Glucose [Mass/volume] in Serum or Plasma^LN', 'mg/dL', 70, 140, 0),
    ],
  },
];
