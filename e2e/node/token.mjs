// An app's token goes with every call: the SDK asks the app for it, and asks again when it has expired.
import assert from 'node:assert/strict';
import * as bindings from '@xmtp/node-bindings';
import { ask, failure, run, tell, until } from '../lib/stage.mjs';
import { gateway, newUser, options } from '../lib/users.mjs';

const { AuthCallback, encodeText, generateInboxId } = bindings;

const connect = async (user, callback) => {
  const identity = [generateInboxId(user.identifier), user.identifier];
  if (bindings.BackendBuilder === undefined) {
    const log = { level: options.loggingLevel };
    return bindings.createClient(gateway, gateway, false, null, ...identity, null, null, 'Disabled', log, null, null, null, callback);
  }

  const builder = new bindings.BackendBuilder(bindings.XmtpEnv.Local);
  builder.setGatewayHost(gateway);
  if (callback) builder.authCallback(callback);
  return bindings.createClientWithBackend(await builder.build(), {}, ...identity, 'Disabled');
};

const enter = async (user, credential) => {
  const client = await connect(user, credential && new AuthCallback(async () => credential()));
  const request = await client.createInboxSignatureRequest();
  await request.addEcdsaSignature(await user.signMessage(await request.signatureText()));
  await client.registerIdentity(request);
  return client;
};

const now = () => Math.floor(Date.now() / 1000);

run(async () => {
  const none = await failure(() => enter(newUser()));
  const wrong = await failure(() => enter(newUser(), () => ({ value: 'Bearer wrong', expiresAtSeconds: now() + 600 })));
  tell('refused', { none, wrong });

  let [token, asked, life] = ['Bearer first', 0, 600];
  const credential = () => { asked += 1; return { value: token, expiresAtSeconds: now() + life }; };
  life = 2;
  const alix = await enter(newUser(), credential);
  const bo = await enter(newUser(), () => ({ name: 'x-app-token', value: 'second', expiresAtSeconds: now() + 3600 }));
  const askedFirst = asked;
  assert.ok(askedFirst >= 1);
  await until('the one is known to the other', async () => (await alix.canMessage([bo.accountIdentifier]))[bo.accountIdentifier.identifier]);
  const conversations = alix.conversations();
  const group = await (conversations.createGroupByInboxId ?? conversations.createGroup).call(conversations, [bo.inboxId()]);
  await group.send(encodeText('with the first token'), { shouldPush: false });

  await ask('revoke-first');
  [token, life] = ['Bearer second', 600];
  await new Promise((resolve) => setTimeout(resolve, 2100));
  await group.send(encodeText('with the second token'), { shouldPush: false });
  const askedThen = asked;
  assert.ok(askedThen > askedFirst, 'the app was asked for a new token');
  for (let i = 0; i < 10; i++) await group.send(encodeText(`more ${i}`), { shouldPush: false });
  assert.equal(asked, askedThen, 'a token that has not expired is used again');
  tell('renewed', { asked });
});
