// Loaded before a script (node --import): makes '@xmtp/node-sdk' the version that NODE_SDK names, a name of package.json,
// in the scripts and in the packages that share it with them. A package that brings its own version keeps it. Scripts get
// '@xmtp/node-bindings' as that version has them, and '@xmtp-gateway/gateway' from this repository.
import { registerHooks } from 'node:module';

const chosen = process.env.NODE_SDK;
const here = new URL('..', import.meta.url).href;
const modules = new URL('node_modules/', here).href;
const gatewayPackage = new URL('../npm/gateway/index.js', here).href;

if (chosen) {
  registerHooks({
    resolve: (specifier, context, next) => {
      const isScript = context.parentURL?.startsWith(here) && !context.parentURL.startsWith(modules);
      if (specifier === '@xmtp/node-bindings' && isScript) return next(specifier, { ...context, parentURL: `${modules}${chosen}/dist/index.js` });
      if (specifier === '@xmtp-gateway/gateway' && isScript) return next(gatewayPackage, context);
      const found = next(specifier, context);
      return specifier === '@xmtp/node-sdk' && chosen !== specifier && found.url.startsWith(`${modules}@xmtp/node-sdk/`)
        ? next(chosen, { ...context, parentURL: import.meta.url })
        : found;
    },
  });
}
