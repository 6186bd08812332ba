/** Creates a group of any size. All members that one call adds have to fit in one commit, so they are added in chunks. */
export const createLargeGroup = async (client, inboxIds, options, chunk = 100) => {
  const group = await client.conversations.createGroup(inboxIds.slice(0, chunk), options);
  for (let i = chunk; i < inboxIds.length; i += chunk) await group.addMembers(inboxIds.slice(i, i + chunk));
  return group;
};
