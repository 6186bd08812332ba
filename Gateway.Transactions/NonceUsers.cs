using Xmtp.Gateway.Chain;

namespace Xmtp.Gateway.Transactions;

/// <summary>
/// Finds in the newest blocks which transaction has used a nonce of the wallet. That is faster than waiting until no
/// receipt has appeared.
/// </summary>
internal sealed class NonceUsers(ChainAccount account) : IDisposable
{
    private const ulong Depth = 16;
    private const int Kept = 1024;

    private readonly SemaphoreSlim _reading = new(1);
    private readonly Dictionary<ulong, (Bytes32 Hash, ulong Block)> _found = [];
    private ulong _readTo;

    /// <summary>
    /// The hash of the mined transaction of a nonce; null when it is not in the newest blocks, or the chain does not answer.
    /// </summary>
    internal async ValueTask<Bytes32?> FindAsync(ulong nonce, CancellationToken cancellationToken) =>
        (await FindWithBlockAsync(nonce, cancellationToken).ConfigureAwait(false))?.Hash;

    /// <summary>As <see cref="FindAsync"/>, with the height of the transaction's block.</summary>
    internal async ValueTask<(Bytes32 Hash, ulong Block)?> FindWithBlockAsync(ulong nonce, CancellationToken cancellationToken)
    {
        await _reading.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_found.TryGetValue(nonce, out var known)) return known;
            if (_found.Count > Kept) _found.Clear();
            await ReadAsync(cancellationToken).ConfigureAwait(false);
            return _found.TryGetValue(nonce, out var found) ? found : null;
        }
        finally
        {
            _reading.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _reading.Dispose();

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        if (!(await account.Rpc.GetBlockNumberAsync(cancellationToken).ConfigureAwait(false)).TryGet(out var head, out _)) return;
        var first = Math.Max(head >= Depth ? head - Depth + 1 : 0, _readTo <= head ? _readTo + 1 : 0);
        for (var number = first; number <= head; number++)
        {
            if (!(await account.Rpc.GetBlockTransactionsAsync(BlockTag.At(number), cancellationToken).ConfigureAwait(false))
                .TryGet(out var transactions, out _))
            {
                return;
            }
            foreach (var transaction in transactions.Where(transaction => transaction.From == account.Address))
                _found[transaction.Nonce] = (transaction.Hash, number);
            _readTo = number;
        }
    }
}
