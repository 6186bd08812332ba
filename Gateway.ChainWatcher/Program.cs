// Follows both chains and tells gateways and operators what changed. Flags and variables: xmtp-chain-watcher --help.
using Xmtp.Gateway.ChainWatcher.Hosting;

var builder = WebApplication.CreateBuilder();
builder.AddXmtpChainWatcher(args);
builder.AddServiceDefaults();

var app = builder.Build();
await app.RunXmtpChainWatcherAsync();
