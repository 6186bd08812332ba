npx xmtp init --ephemeral --gateway http://localhost:5050
npx xmtp sync
npx xmtp list conversations
npx convos conversations create --name trees --env local --gateway-host http://localhost:5050
