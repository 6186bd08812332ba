using Microsoft.Extensions.Logging;

namespace Xmtp.Gateway.MultiPayer;

/// <summary>The gateway's log, in which the lines of a payer have its name behind their category.</summary>
/// <remarks>Rules on categories apply as without it, since they name the beginning of a category.</remarks>
internal sealed class PayerLogs(ILoggerFactory gateway, string payer) : ILoggerFactory
{
    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => gateway.CreateLogger($"{categoryName}[{payer}]");

    /// <inheritdoc/>
    public void AddProvider(ILoggerProvider provider) => gateway.AddProvider(provider);

    /// <inheritdoc/>
    public void Dispose()
    {
        // The factory is the gateway's.
    }
}
