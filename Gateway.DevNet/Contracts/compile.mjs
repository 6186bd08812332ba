// Compiles every .sol file of this folder into artifacts.json: the code that a chain runs, by contract.
// Usage: node compile.mjs [OUTPUT]. The output is the same, byte for byte, wherever it runs.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
// The compiler is found from the folder that npm ran in, which need not be this one.
const solc = createRequire(join(process.cwd(), 'package.json'))('solc')
const output = resolve(process.argv[2] ?? join(here, 'artifacts.json'))

const files = readdirSync(here).filter((name) => name.endsWith('.sol')).sort()
const read = (name) => readFileSync(join(here, name), 'utf8').replaceAll('\r\n', '\n')

const settings = {
  evmVersion: 'paris',
  optimizer: { enabled: true, runs: 200 },
  viaIR: false,
  metadata: { bytecodeHash: 'none', appendCBOR: false },
  outputSelection: { '*': { '*': ['evm.deployedBytecode.object', 'evm.methodIdentifiers'] } },
}
const input = {
  language: 'Solidity',
  sources: Object.fromEntries(files.map((name) => [name, { content: read(name) }])),
  settings,
}

const compiled = JSON.parse(solc.compile(JSON.stringify(input)))
for (const fault of compiled.errors ?? []) console.error(fault.formattedMessage)
if (compiled.errors?.length) process.exit(1)

const contracts = {}
for (const name of files) {
  for (const [contract, { evm }] of Object.entries(compiled.contracts[name] ?? {})) {
    if (evm.deployedBytecode.object) contracts[contract] = '0x' + evm.deployedBytecode.object
  }
}
writeFileSync(output, JSON.stringify({ compiler: solc.version(), contracts }, null, 2) + '\n')
