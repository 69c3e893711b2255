import { test } from 'node:test';
import { hasCorpus } from '../support/needs.js';
import { checkCorpus } from './corpus.js';

const persons = ['PID', 'PD1', 'NK1', 'PV1', 'PV2', 'AL1', 'IN1'];

test('every result of the corpus makes valid resources and loses next to nothing', (t) => {
  if (!hasCorpus(t)) return;
  checkCorpus(t, {
    messages: /^(ORU\^R01|OUL)/,
    segments: new Set([...persons, 'ORC', 'OBR', 'OBX', 'NTE', 'TQ1', 'SPM']),
  });
});

test('every order of the corpus makes valid resources and loses next to nothing', (t) => {
  if (!hasCorpus(t)) return;
  const segments = new Set([...persons, 'ORC', 'OBR', 'OBX', 'NTE', 'TQ1', 'SPM', 'SAC', 'DG1', 'ODS', 'CTD', 'PRT']);
  checkCorpus(t, { messages: /^(ORM\^O01|OML\^O21|OMG\^O19)/, segments });
});

test('every document of the corpus makes valid resources and loses next to nothing', (t) => {
  if (!hasCorpus(t)) return;
  checkCorpus(t, { messages: /^MDM/, segments: new Set([...persons, 'ORC', 'OBR', 'OBX', 'NTE', 'TQ1', 'TXA']) });
});

test('every pharmacy order of the corpus makes valid resources and loses next to nothing', (t) => {
  if (!hasCorpus(t)) return;
  const segments = new Set([...persons, 'ORC', 'RXO', 'RXE', 'RXR', 'RXC', 'TQ1', 'NTE', 'OBX']);
  checkCorpus(t, { messages: /^RDE/, segments });
});

test('every vaccination of the corpus makes valid resources and loses next to nothing', (t) => {
  if (!hasCorpus(t)) return;
  const segments = new Set([...persons, 'ORC', 'RXA', 'RXR', 'OBX', 'NTE']);
  checkCorpus(t, { messages: /^VXU/, segments });
});

test('every dispense of the corpus makes valid resources and loses next to nothing', (t) => {
  if (!hasCorpus(t)) return;
  const segments = new Set([...persons, 'ORC', 'RXO', 'RXE', 'RXD', 'RXR', 'RXC', 'TQ1', 'NTE', 'OBX']);
  checkCorpus(t, { messages: /^RDS/, segments });
});
