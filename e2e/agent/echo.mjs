import { Agent } from '@xmtp/agent-sdk';

// XMTP_GATEWAY_HOST, XMTP_ENV, XMTP_WALLET_KEY, XMTP_DB_ENCRYPTION_KEY, XMTP_DB_DIRECTORY
const agent = await Agent.createFromEnv();
agent.on('text', (context) => context.conversation.sendText(`You wrote: ${context.message.content}`));
agent.on('start', () => console.log('started'));
process.on('SIGTERM', async () => {
  await agent.stop();
  process.exit(0);
});
await agent.start();
