import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import { describe, it, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { demoLines } from '../../src/cli/demo-greeting.js';
import { hasProgram } from '../support/needs.js';

const tenant = '3f0c1f5a-0000-4000-8000-000000000001';

/** Answers a token request with a token, a search with what it was asked, and remembers the bodies. */
async function startEndpoint(t: TestContext) {
  const bodies: string[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    bodies.push(body);
    const answer =
      request.url === '/oauth2/token'
        ? { access_token: 'T0KEN' }
        : { url: request.url, by: request.headers.authorization, body };
    response.setHeader('content-type', 'application/json').end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => new Promise((resolve) => server.close(resolve)));
  const address = server.address();
  return { url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`, bodies };
}

describe('what the demo prints', () => {
  it('works pasted into a shell', async (t) => {
    if (!hasProgram(t, 'curl')) return;
    const { url, bodies } = await startEndpoint(t);
    const lines = demoLines({ publicUrl: url, tenant, secret: 'S3CRET', dataFolder: 'data' }).split('\n');
    assert.equal(lines[0], `tenant ${tenant}  client demo-app  secret S3CRET`);
    const { stdout } = await promisify(execFile)('bash', ['-c', lines.slice(1).join('\n')]);
    assert.deepEqual(JSON.parse(stdout), {
      url: '/fhir/stu3/Patient/_search',
      by: 'Bearer T0KEN',
      body: 'family=an&_count=5',
    });
    assert.equal(bodies[0], `grant_type=client_credentials&client_id=demo-app&client_secret=S3CRET&scope=${tenant}`);
  });

  it('shows no secret at later starts, but how to make a new one for this data folder', () => {
    const text = demoLines({ publicUrl: 'http://127.0.0.1:1', tenant, secret: undefined, dataFolder: '/srv/my data' });
    assert.match(text, /\nSECRET=\$\(node \S+ client rotate demo-app --json --data '\/srv\/my data' \| node -pe/);
    assert.match(text, /\nTOKEN=\$\(curl -s -d "grant_type=\S+client_secret=\$SECRET&scope=/);
  });
});
