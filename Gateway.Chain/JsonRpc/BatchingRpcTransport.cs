using System.Text.Json;

namespace Xmtp.Gateway.Chain.JsonRpc;

/// <summary>Sends requests that come at about the same time in one body, as a JSON-RPC batch.</summary>
/// <remarks>
/// Thread-safe. A single request is sent as ever, and those for the newest block's number that come together are one. What an endpoint
/// leaves out of its answer is requested again by itself, and an endpoint that refuses a batch gets none for
/// <see cref="RefusedFor"/>.
/// </remarks>
/// <param name="http">Sends the batches.</param>
/// <param name="window">How long a request waits for others. More than zero.</param>
/// <param name="timeout">How long a batch may take. More than zero.</param>
/// <param name="time">The clock of both.</param>
public sealed class BatchingRpcTransport(HttpRpcTransport http, TimeSpan window, TimeSpan timeout, TimeProvider time) : IRpcTransport
{
    /// <summary>The most requests of a batch.</summary>
    public const int MaxRequests = 100;

    /// <summary>How long an endpoint that refused a batch gets single requests.</summary>
    public static readonly TimeSpan RefusedFor = TimeSpan.FromMinutes(10);

    private readonly Lock _gate = new();
    private List<Waiting> _waiting = [];
    private long? _refusedAt;

    /// <inheritdoc/>
    public string Endpoint => http.Endpoint;

    /// <summary>Makes reads that come together one call of a contract, before the others are a batch; null for batches alone.</summary>
    public MulticallReads? Multicall { get; init; }

    private int MaxTogether => Multicall is null ? MaxRequests : MulticallReads.MaxReads;

    private bool IsRefused
    {
        get
        {
            lock (_gate) return _refusedAt is { } at && time.GetElapsedTime(at) < RefusedFor;
        }
    }

    /// <inheritdoc/>
    public Task<RpcResult<JsonElement>> SendAsync(
        string method, IReadOnlyList<object?> parameters, CancellationToken cancellationToken)
    {
        if (IsRefused && Multicall is not { IsResting: false }) return http.SendAsync(method, parameters, cancellationToken);
        return Join(new RpcCall(method, parameters)).WaitAsync(cancellationToken);
    }

    private Task<RpcResult<JsonElement>> Join(RpcCall call)
    {
        lock (_gate)
        {
            if (call.IsForHead && _waiting.Find(other => other.Call.IsForHead) is { } same) return same.Answer.Task;
            var one = new Waiting(call);
            _waiting.Add(one);
            if (_waiting.Count == 1) _ = SendLaterAsync(_waiting);
            if (_waiting.Count == MaxTogether) _waiting = [];
            return one.Answer.Task;
        }
    }

    private async Task SendLaterAsync(List<Waiting> batch)
    {
        await Task.Delay(window, time).ConfigureAwait(false);
        lock (_gate)
        {
            if (_waiting == batch) _waiting = [];
        }

        using var timeoutSource = new CancellationTokenSource(timeout, time);
        try
        {
            await SendAsync(batch, timeoutSource.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            http.CountTimeout();
            var late = $"{Endpoint} did not answer within {timeout.TotalSeconds:0.#} s";
            foreach (var one in batch) one.Answer.TrySetResult(RpcError.Transport(one.Call.Method, late));
        }
#pragma warning disable CA1031 // Whoever waits has to get it.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            foreach (var one in batch) one.Answer.TrySetException(exception);
        }
    }

    private async Task SendAsync(List<Waiting> all, CancellationToken timeoutToken)
    {
        if (Multicall is { } multicall)
            Answer(all, await multicall.AskAsync([.. all.Select(one => one.Call)], timeoutToken).ConfigureAwait(false));
        await Task.WhenAll(Unanswered(all).Chunk(MaxRequests).Select(batch => SendBatchAsync(batch, timeoutToken))).ConfigureAwait(false);
    }

    private async Task SendBatchAsync(Waiting[] batch, CancellationToken timeoutToken)
    {
        if (batch.Length > 1 && !IsRefused)
        {
            var answer = await http.SendBatchAsync([.. batch.Select(one => one.Call)], timeoutToken).ConfigureAwait(false);
            if (answer.TryGet(out var answers, out var error))
            {
                Answer(batch, answers);
            }
            else if (IsRefusal(error))
            {
                lock (_gate) _refusedAt = time.GetTimestamp();
            }
            else
            {
                foreach (var one in batch) one.Answer.TrySetResult(error with { Method = one.Call.Method });
            }
        }

        await Task.WhenAll(Unanswered(batch).Select(async one => one.Answer.TrySetResult(
            await http.SendAsync(one.Call.Method, one.Call.Parameters, timeoutToken).ConfigureAwait(false)))).ConfigureAwait(false);
    }

    private static void Answer(IReadOnlyList<Waiting> requests, RpcResult<JsonElement>?[] answers)
    {
        for (var i = 0; i < requests.Count; i++)
            if (answers[i] is { } found) requests[i].Answer.TrySetResult(found);
    }

    private static Waiting[] Unanswered(IEnumerable<Waiting> requests) => [.. requests.Where(one => !one.Answer.Task.IsCompleted)];

    // An endpoint that does not answer, or limits its requests, would not answer single ones either.
    private static bool IsRefusal(RpcError error) =>
        error.Kind is not (RpcErrorKind.Transport or RpcErrorKind.RateLimited) || error.HttpStatus is 400 or 413 or 422 or 501;

    private sealed record Waiting(RpcCall Call)
    {
        internal TaskCompletionSource<RpcResult<JsonElement>> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
