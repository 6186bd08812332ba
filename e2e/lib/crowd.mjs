// Many users at once.
import { until } from './stage.mjs';
import { enter, newUser } from './users.mjs';

const AtOnce = 10;
const Minute = 60;

/** Runs an action for each item, a few at a time, and returns the results in order. */
export const each = async (items, action) => {
  const results = [];
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      const i = next++;
      results[i] = await action(items[i], i);
    }
  };
  await Promise.all(Array.from({ length: Math.min(AtOnce, items.length) }, worker));
  return results;
};

/** Clients of users who are new. */
export const register = (count, create = enter) => each(Array.from({ length: count }), () => create(newUser()));

/** Waits until a client can add all others to a group. */
export const known = (client, others) => until('all are known', async () => {
  const statuses = await client.fetchKeyPackageStatuses(others.map((other) => other.installationId));
  return others.every((other) => statuses[other.installationId]?.lifetime !== undefined);
}, 3 * Minute, 200);

export const inboxes = (clients) => clients.map((client) => client.inboxId);
