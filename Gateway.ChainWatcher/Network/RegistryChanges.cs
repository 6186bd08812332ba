using System.Threading.Channels;
using Xmtp.Gateway.ChainWatcher.Following;
using Xmtp.Gateway.Notifications;

namespace Xmtp.Gateway.ChainWatcher.Network;

/// <summary>The signal that the chain showed a change of the node registry. Changes that nobody waits for are one signal.</summary>
internal sealed class RegistryChanges
{
    private readonly Channel<bool> _signal =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Gives the signal.</summary>
    public void Notify() => _signal.Writer.TryWrite(true);

    /// <summary>Waits for the next signal, or that the time has passed. Does not throw.</summary>
    public async Task WaitAsync(TimeSpan max, TimeProvider time, CancellationToken cancellationToken)
    {
        using var passed = new CancellationTokenSource(max, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(passed.Token, cancellationToken);
        await ((Task)_signal.Reader.ReadAsync(linked.Token).AsTask()).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}

/// <summary>Gives this process's own signal before the gateways are notified.</summary>
internal sealed class NetworkNotifier(IChangeNotifier gateways, RegistryChanges changes) : IChangeNotifier
{
    /// <inheritdoc/>
    public Task<bool> NotifyAsync(IReadOnlyList<ChangeKind> kinds, ulong block, CancellationToken cancellationToken)
    {
        if (kinds.Contains(ChangeKind.NodesChanged)) changes.Notify();
        return gateways.NotifyAsync(kinds, block, cancellationToken);
    }
}
