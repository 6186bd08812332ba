export { GatewayError } from './src/gateway-error.js';
export { findProgram, findProgram as resolveBinary } from './src/find-program.js';
export { startGateway } from './src/start-gateway.js';
