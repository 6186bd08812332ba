#!/usr/bin/env node
// The program itself, with its own command line: npx xmtp-gateway doctor, payer, estimate, --help.
import { spawn } from 'node:child_process';
import { findProgram } from '../src/find-program.js';

try {
  const program = spawn(findProgram(), process.argv.slice(2), { stdio: 'inherit' });
  // The terminal sends Ctrl-C to both; this process waits for what the program makes of it.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => signal === 'SIGINT' || program.kill(signal));
  program.on('error', (error) => fail(error.message));
  program.on('exit', (code) => process.exit(code ?? 1));
} catch (error) {
  fail(error.message);
}

function fail(message) {
  console.error(message);
  process.exit(2);
}
