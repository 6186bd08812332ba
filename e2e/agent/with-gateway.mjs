import { Agent } from '@xmtp/agent-sdk';
import { startGateway } from '@xmtp-gateway/gateway';

// XMTP_ENV, XMTP_WALLET_KEY, XMTP_DB_ENCRYPTION_KEY, XMTP_DB_DIRECTORY; on the local network the gateway needs the key alone.
const gateway = await startGateway({ payerPrivateKey: process.env.PAYER_PRIVATE_KEY, healthCheckTimeout: 120_000 });
process.env.XMTP_GATEWAY_HOST = gateway.url;
const agent = await Agent.createFromEnv();
agent.on('text', (context) => context.conversation.sendText(`You wrote: ${context.message.content}`));
agent.on('start', () => console.log('started', gateway.url));
process.on('SIGTERM', async () => {
  await agent.stop();
  await gateway.stop();
  process.exit(0);
});
await agent.start();
