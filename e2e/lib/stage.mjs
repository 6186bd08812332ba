// How a script and the test that started it take turns: the script tells what happened, one line of JSON each, and
// where it needs something done to the network it asks, and waits for a line.
import { createInterface } from 'node:readline';

const answers = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

export const tell = (step, data = {}) => process.stdout.write(`@${JSON.stringify({ step, ...data })}\n`);

export const ask = async (step, data = {}) => {
  tell(step, data);
  return (await answers.next()).value;
};

/** Waits until something is true, and names what it waited for when the time is over. */
export const until = async (what, isTrue, seconds = 60, pause = 50) => {
  const end = Date.now() + seconds * 1000;
  while (!(await isTrue())) {
    if (Date.now() > end) throw new Error(`timed out waiting for: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
};

/** What an action fails with; null when it goes well. */
export const failure = async (action) => {
  try {
    await action();
    return null;
  } catch (error) {
    return error.message;
  }
};

export const run = async (script) => {
  try {
    await script();
    tell('done');
    process.exit(0);
  } catch (error) {
    tell('failed', { error: error.stack ?? `${error}` });
    process.exit(1);
  }
};
