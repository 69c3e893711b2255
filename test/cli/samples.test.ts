import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { messagesIn } from '../../src/cli/message-files.js';
import { programFolder } from '../../src/cli/program-version.js';
import { decodeMessage, isCharsetFault } from '../../src/hl7/charset.js';
import { isParseFault, parseMessage } from '../../src/hl7/message.js';

const folder = join(programFolder, 'samples');
const files = readdirSync(folder).filter((file) => file.endsWith('.hl7'));

describe('samples', () => {
  for (const file of files) {
    it(`${file} can be read, in the character set that it names`, () => {
      const messages = messagesIn(readFileSync(join(folder, file)));
      assert.equal(messages.length, file.startsWith('batch') ? 2 : 1);
      for (const bytes of messages) {
        const decoded = decodeMessage(bytes);
        assert.ok(!isCharsetFault(decoded));
        assert.deepEqual(decoded.flags, []);
        assert.ok(!isParseFault(parseMessage(decoded.text)));
      }
    });
  }

  it('have control ids of their own', () => {
    const ids = files
      .flatMap((file) => messagesIn(readFileSync(join(folder, file))))
      .map((bytes) => {
        const text = bytes.toString('latin1');
        return text.split(text[3] ?? '')[9];
      });
    assert.equal(new Set(ids).size, ids.length);
  });
});
