using System.Text.Json;

namespace Xmtp.Gateway.Chain.JsonRpc;

/// <summary>Sends requests that come at about the same time in one body, as a JSON-RPC batch.</summary>
/// <remarks>
/// Thread-safe. A single request is sent as ever. What an endpoint leaves out of its answer is requested again by itself, and an
/// endpoint that refuses a batch gets none for <see cref="RefusedFor"/>.
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

    private bool IsRefused => _refusedAt is { } at && time.GetElapsedTime(at) < RefusedFor;

    /// <inheritdoc/>
    public Task<RpcResult<JsonElement>> SendAsync(
        string method, IReadOnlyList<object?> parameters, CancellationToken cancellationToken)
    {
        var one = new Waiting(new RpcCall(method, parameters));
        lock (_gate)
        {
            if (IsRefused) return http.SendAsync(method, parameters, cancellationToken);
            _waiting.Add(one);
            if (_waiting.Count == 1) _ = SendLaterAsync(_waiting);
            if (_waiting.Count == MaxRequests) _waiting = [];
        }

        return one.Answer.Task.WaitAsync(cancellationToken);
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

    private async Task SendAsync(List<Waiting> batch, CancellationToken timeoutToken)
    {
        var left = batch;
        if (batch.Count > 1)
        {
            var answer = await http.SendBatchAsync([.. batch.Select(one => one.Call)], timeoutToken).ConfigureAwait(false);
            if (answer.TryGet(out var answers, out var error))
            {
                for (var i = 0; i < batch.Count; i++)
                    if (answers[i] is { } found) batch[i].Answer.TrySetResult(found);
            }
            else if (IsRefusal(error))
            {
                lock (_gate) _refusedAt = time.GetTimestamp();
            }
            else
            {
                foreach (var one in batch) one.Answer.TrySetResult(error with { Method = one.Call.Method });
            }

            left = [.. batch.Where(one => !one.Answer.Task.IsCompleted)];
        }

        await Task.WhenAll(left.Select(async one => one.Answer.TrySetResult(
            await http.SendAsync(one.Call.Method, one.Call.Parameters, timeoutToken).ConfigureAwait(false)))).ConfigureAwait(false);
    }

    // An endpoint that does not answer, or limits its requests, would not answer single ones either.
    private static bool IsRefusal(RpcError error) =>
        error.Kind is not (RpcErrorKind.Transport or RpcErrorKind.RateLimited) || error.HttpStatus is 400 or 413 or 422 or 501;

    private sealed record Waiting(RpcCall Call)
    {
        internal TaskCompletionSource<RpcResult<JsonElement>> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
