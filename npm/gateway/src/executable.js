// Which platform an executable is for, by its first bytes. A system that is given one of another platform runs it as a shell
// script, or fails without a reason.
import { closeSync, openSync, readSync } from 'node:fs';

const HeadSize = 4096;
const Elf = { magic: 0x7f454c46, at: 18, 0x3e: 'x64', 0xb7: 'arm64', 0x28: 'arm', 0xf3: 'riscv64' };
const MachO = { magic: 0xfeedfacf, universal: 0xcafebabe, at: 4, 0x01000007: 'x64', 0x0100000c: 'arm64' };
const Pe = { magic: 0x5a4d, pointer: 0x3c, at: 4, 0x8664: 'x64', 0xaa64: 'arm64', 0x14c: 'ia32' };
const Other = 'unknown';

/** Such as linux-x64; `script` for one that names its interpreter; null for what no system runs. */
export const platformOf = (head) => {
  if (head.length < 64) return isScript(head) ? 'script' : null;
  if (head.readUInt32BE(0) === Elf.magic) return `linux-${Elf[head.readUInt16LE(Elf.at)] ?? Other}`;
  if (head.readUInt32LE(0) === MachO.magic) return `darwin-${MachO[head.readUInt32LE(MachO.at)] ?? Other}`;
  if (head.readUInt32BE(0) === MachO.universal) return 'darwin-universal';
  if (head.readUInt16LE(0) === Pe.magic) return `win32-${machineOfPe(head)}`;
  return isScript(head) ? 'script' : null;
};

/** Whether a platform runs what is for another one: macOS and Windows on arm64 run programs for x64. */
export const runs = (here, found) => found === here
  || (found === 'script' && !here.startsWith('win32'))
  || (!here.startsWith('linux') && here.split('-')[0] === found?.split('-')[0]);

/** The first bytes of a file. */
export const headOf = (path) => {
  const file = openSync(path, 'r');
  try {
    const head = Buffer.alloc(HeadSize);
    return head.subarray(0, readSync(file, head, 0, HeadSize, 0));
  } finally {
    closeSync(file);
  }
};

const isScript = (head) => head.subarray(0, 2).toString('latin1') === '#!';

const machineOfPe = (head) => {
  const at = head.readUInt32LE(Pe.pointer) + Pe.at;
  return at + 2 > head.length ? Other : Pe[head.readUInt16LE(at)] ?? Other;
};
