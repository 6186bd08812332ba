using Xmtp.Gateway.Transactions;

namespace Xmtp.Gateway.AppChain;

/// <summary>
/// The envelopes of one request that were not published on the App Chain: their number, and the first of them. Thread-safe.
/// </summary>
internal sealed class FailedEnvelopes
{
    private readonly Lock _gate = new();

    internal int Count { get; private set; }

    /// <summary>The one with the lowest index.</summary>
    internal (int Index, TransactionEnd End, string Reason) First { get; private set; }

    internal void Add(int index, TransactionOutcome outcome)
    {
        lock (_gate)
        {
            if (Count++ == 0 || index < First.Index) First = (index, outcome.End, outcome.Error?.ToString() ?? "no details");
        }
    }
}
