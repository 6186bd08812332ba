// What a run of the program ended with, in one line, with the option to change.
import { VariableOf } from './options.js';

const Advice = [
  [/^port: .* is taken by another process/, 'give another port, or no port for a free one'],
  [/ cannot be used: /, 'see that it runs and can be reached'],
];

// Found by the check of the start, or by the opening of the port a moment later.
const PortTaken = /\(XMTPD_API_PORT\).* is taken by another process|address already in use/i;

/** One line for the lines that the program wrote to its error output, and for its exit code. */
export const faultOfRun = (errors, end) => {
  if (end.fault) return end.fault;
  const faults = errors.filter((line) => line.startsWith('  - ')).map((line) => withAdvice(withOptions(line.slice(4))));
  if (faults.length > 0) return faults.join('; ');
  const said = errors.length > 0 ? `: ${withOptions(errors[0].trim())}` : '';
  return `it ended ${end.signal ? `by ${end.signal}` : `with exit code ${end.code}`}${said}`;
};

/** Why the program could not be started at all, by the error of the system. */
export const faultOfSpawn = (program, error) => error.code === 'ENOENT'
  ? `${program} cannot be loaded: it is for another C library than this Linux has (glibc or musl), or its interpreter is missing`
  : `${program} cannot be started: ${error.message}`;

/** Whether a run ended because its port was taken. */
export const isPortTaken = (errors) => errors.some((line) => PortTaken.test(line));

// A setting is named by its flag and its variable; people who use this package know it as an option, or else set its variable.
const withOptions = (text) => text.replace(/--[a-z][a-z.-]+ \((XMTPD_[A-Z_]+)\)/g, (_, variable) => nameOf(variable));

const nameOf = (variable) => Object.keys(VariableOf).find((option) => VariableOf[option] === variable) ?? variable;

const withAdvice = (fault) => {
  const advice = Advice.find(([words]) => words.test(fault));
  return advice ? `${fault}; ${advice[1]}` : fault;
};
