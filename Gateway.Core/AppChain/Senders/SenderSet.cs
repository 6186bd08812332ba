using Microsoft.Extensions.DependencyInjection;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.AppChain.Senders;

/// <summary>The senders of a payer; none where the payer itself is its only sender.</summary>
internal sealed class SenderSet(IServiceProvider payer) : IAsyncDisposable
{
    /// <summary>The senders, in the order of the payers file.</summary>
    internal IReadOnlyList<Sender> All { get; } =
        [.. payer.GetService<SenderSigners>()?.All.Select(signer => new Sender(payer, signer)) ?? []];

    /// <summary>Their addresses.</summary>
    internal IReadOnlyList<EthereumAddress> Addresses => [.. All.Select(sender => sender.Address)];

    /// <summary>Whether none of them has anything to do.</summary>
    internal bool AreIdle => All.All(sender => sender.IsIdle);

    /// <summary>How many transactions of them this process has in flight.</summary>
    internal int InFlight => All.Sum(sender => sender.Transactions.Count);

    /// <summary>The age of their oldest transaction in flight; zero without one.</summary>
    internal TimeSpan OldestAge => All.Select(sender => sender.Transactions.OldestAge).DefaultIfEmpty().Max();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var sender in All) await sender.DisposeAsync().ConfigureAwait(false);
    }
}
