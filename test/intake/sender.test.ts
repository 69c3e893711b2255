import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Batch, Client, type InboundResponse, Message } from 'node-hl7-client';
import { certificate, certificatePath } from '../support/certificates.js';
import { corpusFolder, hasCorpus } from '../support/needs.js';
import { acknowledged, adt, frame, install } from './installation.js';

/** The text of what a sender's client made of an acknowledgement. */
function text(response: InboundResponse): string {
  return response.getMessage().toString();
}

for (const secure of [false, true]) {
  test(`node-hl7-client is understood, and understands${secure ? ', over TLS' : ''}`, async (t) => {
    const tls = {
      key: certificatePath('server-key.pem'),
      cert: certificatePath('server.pem'),
      requireClientCertificate: false,
    };
    const here = await install(t, secure ? { listener: { tls } } : {});
    const client = new Client({ host: '127.0.0.1', ...(secure && { tls: { ca: certificate('ca.pem') } }) });
    const answers: string[] = [];
    let answered: () => void = () => undefined;
    const connection = client.createConnection({ port: here.port }, (response) => {
      answers.push(text(response));
      answered();
    });
    t.after(() => connection.close());
    for (const id of ['M1', 'M2', 'M3']) {
      const answer = new Promise<void>((resolve) => {
        answered = resolve;
      });
      await connection.sendMessage(new Message({ text: adt(id) }));
      await answer;
    }
    assert.deepEqual(answers.flatMap(acknowledged), ['AA M1', 'AA M2', 'AA M3']);
    assert.equal((await here.rows()).length, 3);
  });
}

test('a batch of node-hl7-client', async (t) => {
  const here = await install(t);
  const client = new Client({ host: '127.0.0.1' });
  const answers: string[] = [];
  let answered: () => void = () => undefined;
  const both = new Promise<void>((resolve) => {
    answered = () => answers.length === 2 && resolve();
  });
  const connection = client.createConnection({ port: here.port }, (response) => {
    answers.push(text(response));
    answered();
  });
  t.after(() => connection.close());
  const batch = new Batch();
  batch.start();
  batch.add(new Message({ text: adt('M1') }));
  batch.add(new Message({ text: adt('M2') }));
  batch.end();
  await connection.sendMessage(batch);
  await both;
  assert.deepEqual(answers.flatMap(acknowledged), ['AA M1', 'AA M2']);
  assert.deepEqual(
    (await here.rows()).map(({ controlId }) => controlId),
    ['M1', 'M2'],
  );
});

test('every message of the corpus is archived as it came and acknowledged', async (t) => {
  if (!hasCorpus(t)) return;
  const folder = join(corpusFolder, 'messages');
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const messages = files.map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'));
  assert.ok(messages.length >= 100, `${messages.length} messages`);
  const here = await install(t);
  const client = await here.client();
  for (const message of [...messages, adt('LAST')]) client.write(frame(message));
  const due = [...messages.filter(wantsReceipt), adt('LAST')];
  const replies = await client.replies(due.length);
  assert.deepEqual(
    replies.map((reply) => acknowledged(reply)[0]?.slice(0, 2)),
    due.map((message) => (conditions(message) === '||' ? 'AA' : 'CA')),
  );
  const archived = new Set((await here.rows()).map((row) => row.text));
  for (const [n, message] of messages.entries()) assert.ok(archived.has(message), files[n]?.name);
});

/** MSH-15 and MSH-16, each after a separator. */
function conditions(message: string): string {
  const fields = message.split(/[\r\n]/, 1)[0]?.split('|') ?? [];
  return `|${fields[14]?.trim() ?? ''}|${fields[15]?.trim() ?? ''}`;
}

/** Some messages of the corpus say in MSH-15 that they want no receipt, or one of errors only. */
function wantsReceipt(message: string): boolean {
  const asked = conditions(message);
  return asked === '||' || asked.startsWith('|AL|');
}
