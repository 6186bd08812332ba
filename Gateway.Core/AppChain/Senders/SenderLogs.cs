using Microsoft.Extensions.Logging;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.AppChain.Senders;

/// <summary>The log of a payer, in which the lines of a sender have its address behind their category.</summary>
internal sealed class SenderLogs(ILoggerFactory payer, EthereumAddress sender) : ILoggerFactory
{
    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => payer.CreateLogger($"{categoryName}[{sender}]");

    /// <inheritdoc/>
    public void AddProvider(ILoggerProvider provider) => payer.AddProvider(provider);

    /// <inheritdoc/>
    public void Dispose()
    {
        // The factory is the gateway's.
    }
}
