using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Hosting.Keys;
using Xmtp.Gateway.Hosting.Start;

namespace Xmtp.Gateway.ChainWatcher.Hosting;

/// <summary>
/// The payer whose money is followed: the given address, or that of the payer's key. A key that is given but unreadable
/// is a start fault, unless an address is given too.
/// </summary>
internal sealed class ConfiguredPayer(UncheckedOptions<WatcherOptions> options, PayerKeySource key) : IStartCheck
{
    /// <summary>The payer; null for none.</summary>
    public EthereumAddress? Address => options.Value.PayerAddress ?? key.Key.Signer?.Address;

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> RunAsync(CancellationToken cancellationToken)
    {
        if (options.Value.PayerAddress is null) return Task.Run(() => key.Key.Faults, cancellationToken);
        key.Erase();
        return Task.FromResult<IReadOnlyList<string>>([]);
    }
}
