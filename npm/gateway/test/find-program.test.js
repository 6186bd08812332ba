import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { findProgram, resolveBinary, startGateway } from '../index.js';
import { headOf, platformOf, runs } from '../src/executable.js';

const folder = mkdtempSync(join(tmpdir(), 'program-'));
const here = `${process.platform}-${process.arch}`;
const payerPrivateKey = `0x${'1f'.repeat(32)}`;
after(() => rmSync(folder, { recursive: true }));

const file = (name, content, mode = 0o755) => {
  const path = join(folder, name);
  writeFileSync(path, content);
  chmodSync(path, mode);
  return path;
};

const head = (write) => {
  const bytes = Buffer.alloc(512);
  write(bytes);
  return bytes;
};

const withVariables = (variables, action) => {
  for (const name of ['XMTP_GATEWAY_PROGRAM', 'XMTP_GATEWAY_BINARY_PATH']) delete process.env[name];
  Object.assign(process.env, variables);
  return action();
};

const saysInOneLine = async (action, words) => assert.rejects(async () => action(), (error) => {
  assert.match(error.message, words);
  assert.ok(!error.message.includes('\n'), error.message);
  return error.name === 'GatewayError';
});

test('the platform of this Node.js is read from its file', () => assert.equal(platformOf(headOf(process.execPath)), here));

test('the platforms of executables are known by their first bytes', () => {
  assert.equal(platformOf(head((b) => { b.writeUInt32BE(0x7f454c46); b.writeUInt16LE(0xb7, 18); })), 'linux-arm64');
  assert.equal(platformOf(head((b) => { b.writeUInt32LE(0xfeedfacf); b.writeUInt32LE(0x0100000c, 4); })), 'darwin-arm64');
  assert.equal(platformOf(head((b) => { b.write('MZ'); b.writeUInt32LE(0x80, 0x3c); b.writeUInt16LE(0x8664, 0x84); })), 'win32-x64');
  assert.equal(platformOf(head((b) => { b.write('MZ'); b.writeUInt32LE(0xffff, 0x3c); })), 'win32-unknown');
  assert.equal(platformOf(Buffer.from('#!/bin/sh\n')), 'script');
  assert.equal(platformOf(Buffer.from('words')), null);
  assert.ok(runs('darwin-arm64', 'darwin-x64') && !runs('linux-arm64', 'linux-x64') && !runs('linux-x64', 'win32-x64'));
});

test('the option goes before the variable, and the variable of @xmtp/gateway counts too', () => {
  const [one, other] = [file('one', '#!/bin/sh\n'), file('other', '#!/bin/sh\n')];
  withVariables({ XMTP_GATEWAY_PROGRAM: one, XMTP_GATEWAY_BINARY_PATH: other }, () => {
    assert.deepEqual([findProgram(other), findProgram(), resolveBinary()], [other, one, one]);
  });
  withVariables({ XMTP_GATEWAY_BINARY_PATH: other }, () => assert.equal(findProgram(), other));
});

test('without the package for this platform it is said which one to install', () => withVariables({}, () => saysInOneLine(
  () => findProgram(), /^the package @xmtp-gateway\/gateway-\S+, which has the xmtp-gateway program, is not installed: .*npm install/)));

test('a program that is missing starts nothing', () => saysInOneLine(
  () => startGateway({ payerPrivateKey, program: join(folder, 'none') }), /none is missing; the option program names it$/));

test('a program for another platform is not started', () => {
  const program = file('foreign', head((b) => { b.writeUInt32BE(0x7f454c46); b.writeUInt16LE(0xf3, 18); }));
  const words = /is a program for linux-riscv64, and this is \S+: take the one for /;
  return saysInOneLine(() => startGateway({ payerPrivateKey, program }), words);
});

test('a program without the right to be executed is told how it gets it', () => {
  const program = file('unreadable', '#!/bin/sh\n', 0o644);
  return saysInOneLine(() => startGateway({ payerPrivateKey, program }), /may not be executed by this user: chmod/);
});

test('what is no program is not started', async () => {
  const words = file('words', 'these are words');
  await saysInOneLine(() => startGateway({ payerPrivateKey, program: words }), /words is not a program: name the file/);
  await saysInOneLine(() => startGateway({ payerPrivateKey, program: folder }), /is not a file: name the xmtp-gateway program itself/);
});

test('a program that ends at once is told with its words', async () => {
  const program = file('ends', '#!/bin/sh\necho "You must install .NET" >&2\nexit 131\n');
  const words = /^the gateway did not start: it ended with exit code 131: You must install .NET$/;
  await saysInOneLine(() => startGateway({ payerPrivateKey, program }), words);
});

test('a program whose interpreter is missing is told as one that cannot be loaded', async () => {
  const program = file('unloadable', '#!/no/such/loader\n');
  await saysInOneLine(() => startGateway({ payerPrivateKey, program }), /^the gateway did not start: .*unloadable cannot be loaded: /);
});
