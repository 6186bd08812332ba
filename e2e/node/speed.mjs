// How long a message takes from one client to another: one after the other, each from the call that sends it to the
// callback that brings it.
import { run, tell, until } from '../lib/stage.mjs';
import { talk } from '../lib/users.mjs';

const [warmUp, measured] = [30, Number(process.argv[3] ?? 200)];

run(async () => {
  const { hers, his } = await talk();
  const arrived = new Map();
  await his.stream({ onValue: (message) => arrived.set(message.content, performance.now()) });
  const send = async (text) => {
    const start = performance.now();
    await hers.sendText(text);
    await until(`'${text}' arrives`, () => arrived.has(text), 60, 1);
    return arrived.get(text) - start;
  };

  for (let i = 0; i < warmUp; i++) await send(`warm ${i}`);
  tell('measuring');
  const begin = performance.now();
  const waits = [];
  for (let i = 0; i < measured; i++) waits.push(await send(`message ${i}`));
  tell('measured', { seconds: (performance.now() - begin) / 1000, waits });
});
