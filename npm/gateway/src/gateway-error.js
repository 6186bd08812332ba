/** Why there is no gateway, in one line, with what to do about it. */
export class GatewayError extends Error {
  name = 'GatewayError';
}
