using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Transactions.Fees;

/// <summary>
/// The gas limit of a call: the chain's estimate plus a margin. Payloads of about the same size share an estimate.
/// </summary>
/// <remarks>
/// An estimate for one payload is raised to the most that any payload of its size class can use (EIP-7623: up to 40 gas
/// per byte of calldata, and 8 more in the log), so that it holds for the whole class. Unused gas is not paid for.
/// At most one estimate call runs per size class, and at most <see cref="MaxQuestions"/> classes run in parallel.
/// Callers that wait for a call that fails get its error; a revert concerns one payload only, so each other waiting
/// caller requests its own estimate. Where the endpoint does not serve estimates at all, the most that a call of the size
/// can use is the limit, except on an Arbitrum chain, whose gas depends on the price of another chain.
/// </remarks>
internal sealed partial class GasLimits(
    ChainAccount account, FeeOracle fees, AppChainTransactionOptions options, TimeProvider time, ILogger<GasLimits> logger) : IDisposable
{
    private const ulong MaxGasPerByte = 48;
    private const ulong ByteInData = 40;
    private const ulong CallWithoutBytes = 34_000;
    private const ulong ZeroByteDiscount = 30;
    private const int MinSizeClass = 128;
    private const int ClassesPerDoubling = 8;

    private const int MaxQuestions = 8;

    // In percent of the most that a call of the size uses, for what the contracts do beside it.
    private const ulong WithoutEstimate = 150;

    private readonly LogThrottle _withoutLines = new(TimeSpan.FromHours(1), time);
    private readonly ConcurrentDictionary<(EthereumAddress, int), (ulong Limit, long At)> _known = new();
    private readonly ConcurrentDictionary<(EthereumAddress, int), TaskCompletionSource<RpcResult<ulong>>> _asked = new();
    private readonly SemaphoreSlim _questions = new(MaxQuestions);

    /// <summary>Whether the gas of a call can be had.</summary>
    internal EndpointState State { get; } = new(time);

    /// <summary>
    /// The gas limit of a call, or the chain's error. Retries while the endpoint is rate-limited; waits for an endpoint
    /// that does not answer at most for the send timeout.
    /// </summary>
    internal async ValueTask<RpcResult<ulong>> LimitWhenServedAsync(
        EthereumAddress to, ReadOnlyMemory<byte> data, CancellationToken timeoutToken)
    {
        for (var pause = options.RetryDelay; ; pause = DoublingPause.After(pause, options.LookupInterval))
        {
            var asking = LimitAsync(to, data, timeoutToken);
            RpcResult<ulong> answer;
            try
            {
                answer = asking.IsCompletedSuccessfully
                    ? await asking.ConfigureAwait(false)
                    : await asking.AsTask().WaitAsync(options.SendTimeout, time, timeoutToken).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                var silence = RpcError.Transport("eth_estimateGas", "no answer came in time");
                State.Refused(silence);
                return silence;
            }

            if (answer.Error is not { Kind: RpcErrorKind.RateLimited } limited) return answer;
            await Task.Delay(limited.RetryAfter > pause ? limited.RetryAfter.Value : pause, time, timeoutToken).ConfigureAwait(false);
        }
    }

    private async ValueTask<RpcResult<ulong>> LimitAsync(EthereumAddress to, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        var key = (to, SizeClass(data.Length));
        while (true)
        {
            if (_known.TryGetValue(key, out var found) && time.GetElapsedTime(found.At) < options.GasEstimateFreshFor) return found.Limit;
            var mine = new TaskCompletionSource<RpcResult<ulong>>(TaskCreationOptions.RunContinuationsAsynchronously);
            var first = _asked.GetOrAdd(key, mine);
            if (ReferenceEquals(first, mine)) return await AskFirstAsync(key, mine, data, cancellationToken).ConfigureAwait(false);
            var shared = await first.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
            if (shared.IsOk || shared.Error.Kind != RpcErrorKind.Reverted) return shared;
        }
    }

    // The call continues when its caller leaves, since other callers may wait for it. The RPC timeout bounds it.
    private async ValueTask<RpcResult<ulong>> AskFirstAsync(
        (EthereumAddress To, int) key,
        TaskCompletionSource<RpcResult<ulong>> mine,
        ReadOnlyMemory<byte> data,
        CancellationToken cancellationToken)
    {
        var kept = data.ToArray();
        _ = CompleteAsync();
        return await mine.Task.WaitAsync(cancellationToken).ConfigureAwait(false);

        async Task CompleteAsync()
        {
            RpcResult<ulong> answer;
            try
            {
                answer = await AskAsync(key, kept).ConfigureAwait(false);
            }
#pragma warning disable CA1031 // every waiting caller must get a result
            catch (Exception exception)
#pragma warning restore CA1031
            {
                answer = RpcError.Malformed("eth_estimateGas", exception.Message);
            }

            _asked.TryRemove(KeyValuePair.Create(key, mine));
            mine.TrySetResult(answer);
        }
    }

    private async Task<RpcResult<ulong>> AskAsync((EthereumAddress To, int Class) key, ReadOnlyMemory<byte> data)
    {
        await _questions.WaitAsync().ConfigureAwait(false);
        try
        {
            var answer = await account.Rpc.EstimateGasAsync(
                new CallRequest(key.To, data) { From = account.Address }, CancellationToken.None).ConfigureAwait(false);
            if (!answer.TryGet(out var estimate, out var error)) return Without(key.Class, error);
            State.Served();
            var highest = estimate
                + ((ulong)(key.Class - data.Length) * MaxGasPerByte)
                + ((ulong)data.Span.Count((byte)0) * ZeroByteDiscount);
            var limit = highest + (highest * options.GasMarginPercent / 100);
            _known[key] = (limit, time.GetTimestamp());
            return limit;
        }
        finally
        {
            _questions.Release();
        }
    }

    private RpcResult<ulong> Without(int size, RpcError error)
    {
        // A status of 404 may be that of a server which is being replaced: a call that would revert must not be sent for it.
        if (error is { IsMethodRefused: true, HttpStatus: not 404 } && !fees.MayBeArbitrum)
        {
            State.Served();
            if (_withoutLines.TryPass(out _)) LogWithout(logger, error);
            return (CallWithoutBytes + ((ulong)size * MaxGasPerByte)) * WithoutEstimate / 100;
        }

        if (error.Kind is RpcErrorKind.Reverted or RpcErrorKind.InsufficientFunds) State.Served();
        else if (error.Kind != RpcErrorKind.RateLimited) State.Refused(error);
        return error;
    }

    /// <summary>
    /// The gas that a call of <paramref name="size"/> bytes probably uses: the last estimate of its size class without
    /// the margin, or a calculation from the gas price per byte. Does not query the chain.
    /// </summary>
    internal ulong Expected(EthereumAddress to, int size) => Known(to, size) ?? CallWithoutBytes + ((ulong)size * ByteInData);

    /// <summary>The same by the last estimate; null without one.</summary>
    internal ulong? Known(EthereumAddress to, int size) =>
        _known.TryGetValue((to, SizeClass(size)), out var found) ? found.Limit * 100 / (100 + options.GasMarginPercent) : null;

    /// <summary>Removes an estimate that was too low.</summary>
    internal void Forget(EthereumAddress to, int size) => _known.TryRemove((to, SizeClass(size)), out _);

    /// <inheritdoc/>
    public void Dispose() => _questions.Dispose();

    // The size rounded up to a multiple of an eighth of the power of two below it.
    private static int SizeClass(int size)
    {
        if (size <= MinSizeClass) return MinSizeClass;
        var step = Math.Max(MinSizeClass, (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)size) / 2 / ClassesPerDoubling);
        return (size + step - 1) / step * step;
    }

    [LoggerMessage(
        EventId = EventIds.GasNotEstimated,
        Level = LogLevel.Warning,
        Message = "the App Chain's endpoint estimates no gas, so each transaction offers the most that one of its size can use: {Error}")]
    private static partial void LogWithout(ILogger logger, RpcError error);
}
