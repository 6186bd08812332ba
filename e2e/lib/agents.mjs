import { options } from './users.mjs';

/** A client of a user as the agent SDK makes it; registers it the first time. */
export const enterAsAgent = async (user, more = {}) => {
  // Loaded here alone: it asks for a node-sdk that is newer than the oldest.
  const { Agent } = await import('@xmtp/agent-sdk');
  return (await Agent.create(user, { ...options, ...more })).client;
};
