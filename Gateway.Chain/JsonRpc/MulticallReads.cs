using System.Text.Json;
using Xmtp.Gateway.Chain.Contracts;

namespace Xmtp.Gateway.Chain.JsonRpc;

/// <summary>
/// Makes balances and views that are read at about the same time one call of <see cref="Multicall3Contract"/>, where a chain has it:
/// one request instead of one each.
/// </summary>
/// <remarks>
/// Thread-safe. For views whose results do not depend on their caller. A read that fails in the call is left to the endpoint by itself.
/// When an endpoint fails the call as a whole, such as for its gas or the size of its answer, all of its reads are left to the endpoint
/// by themselves, and so are those that come within <see cref="RefusedFor"/>; then the code is asked for again.
/// </remarks>
/// <param name="http">Sends the calls.</param>
/// <param name="timeout">How long a call may take, with the request for the code before the first one. More than zero.</param>
/// <param name="time">The clock of it.</param>
/// <param name="changed">Gets the error when the endpoint begins to fail calls, and null when it answers one again.</param>
public sealed class MulticallReads(HttpRpcTransport http, TimeSpan timeout, TimeProvider time, Action<RpcError?>? changed = null)
{
    /// <summary>The fewest reads for which the contract is called, or looked for.</summary>
    public const int MinReads = 3;

    /// <summary>The most reads of a call.</summary>
    public const int MaxReads = 500;

    /// <summary>How long an endpoint that failed a call gets none.</summary>
    public static readonly TimeSpan RefusedFor = BatchingRpcTransport.RefusedFor;

    /// <summary>How long a chain without the contract is not asked for it again.</summary>
    public static readonly TimeSpan AbsentFor = TimeSpan.FromHours(1);

    private readonly Multicall3Contract _contract = new(new EthereumRpc(http));
    private readonly Lock _gate = new();
    private bool _isThere;
    private bool _hasFailed;
    private (long From, TimeSpan For)? _rest;

    /// <summary>Whether nothing is called for some time.</summary>
    internal bool IsResting
    {
        get
        {
            lock (_gate) return _rest is { } rest && time.GetElapsedTime(rest.From) < rest.For;
        }
    }

    /// <summary>Answers what one call can answer.</summary>
    /// <param name="requests">The requests; at most <see cref="MaxReads"/>.</param>
    /// <param name="cancellationToken">Cancels the wait with <see cref="OperationCanceledException"/>.</param>
    /// <returns>The answers in the order of the requests, null for one that the endpoint has to answer by itself.</returns>
    internal async Task<RpcResult<JsonElement>?[]> AskAsync(IReadOnlyList<RpcCall> requests, CancellationToken cancellationToken)
    {
        var answers = new RpcResult<JsonElement>?[requests.Count];
        var reads = MulticallRead.Of(requests);
        if (reads.Count < MinReads || IsResting || await CallAsync(reads, cancellationToken).ConfigureAwait(false) is not { } called)
            return answers;
        if (called.TryGet(out var results, out var error))
        {
            Tell(null);
            for (var i = 0; i < reads.Count; i++) answers[reads[i].Place] = reads[i].AnswerOf(results[i]);
        }
        else if (error.Kind == RpcErrorKind.RateLimited || error.IsUnsent)
        {
            // The endpoint would not answer the reads by themselves either.
            foreach (var read in reads) answers[read.Place] = error with { Method = requests[read.Place].Method };
        }
        else
        {
            Rest(RefusedFor);
            Tell(error);
        }

        return answers;
    }

    // Null when the chain does not have the contract.
    private async Task<RpcResult<IReadOnlyList<RpcResult<ReadOnlyMemory<byte>>>>?> CallAsync(
        IReadOnlyList<MulticallRead> reads, CancellationToken cancellationToken)
    {
        using var timeoutSource = new CancellationTokenSource(timeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeoutSource.Token);
        try
        {
            var found = await FindAsync(linked.Token).ConfigureAwait(false);
            if (!found.TryGet(out var isThere, out var error)) return error;
            if (!isThere) return null;
            return await _contract.CallAsync([.. reads.Select(read => read.Call)], linked.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            http.CountTimeout();
            return RpcError.Transport(
                Multicall3Contract.Aggregate3.Name, $"{http.Endpoint} did not answer within {timeout.TotalSeconds:0.#} s");
        }
    }

    private async Task<RpcResult<bool>> FindAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _isThere)) return true;
        var found = await _contract.IsThereAsync(cancellationToken).ConfigureAwait(false);
        if (!found.TryGet(out var isThere, out _)) return found;
        if (isThere) Volatile.Write(ref _isThere, true);
        else Rest(AbsentFor);
        return found;
    }

    private void Rest(TimeSpan duration)
    {
        lock (_gate)
        {
            _rest = (time.GetTimestamp(), duration);
            Volatile.Write(ref _isThere, false);
        }
    }

    private void Tell(RpcError? error)
    {
        lock (_gate)
        {
            if (_hasFailed == error is not null) return;
            _hasFailed = error is not null;
        }

        changed?.Invoke(error);
    }
}
