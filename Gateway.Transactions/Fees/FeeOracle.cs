using Microsoft.Extensions.Logging;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.JsonRpc;

namespace Xmtp.Gateway.Transactions.Fees;

/// <summary>
/// The price to offer per unit of gas, within the configured bounds. Answers at once from the last price and queries
/// the next one in the background.
/// </summary>
/// <remarks>
/// A price that is zero, above the max, or not a number is refused and counted. The last good price is used while it is
/// fresh, then the configured fallback. Thread-safe.
/// </remarks>
internal sealed partial class FeeOracle(
    ChainReader chain, AppChainTransactionOptions options, GasPriceMetrics metrics, TimeProvider time, ILogger<FeeOracle> logger)
{
    // Twice the base fee still covers it after six full blocks, each of which may raise it by an eighth.
    private const ulong Headroom = 2;
    private static readonly TimeSpan DetectPause = TimeSpan.FromMilliseconds(500);

    private readonly Lock _gate = new();
    private readonly Func<RpcError?, LogLevel> _faults = chain.NewFaultLevels();
    private IGasPriceSource? _source;
    private bool _isFeeMarket;
    private Task? _asking;
    private Reading? _last;

    internal bool IsDetected => _source is not null;

    /// <summary>Whether it is an Arbitrum chain, or an endpoint that serves no code left that open.</summary>
    internal bool MayBeArbitrum { get; private set; } = true;

    /// <summary>Detects which kind of chain this is.</summary>
    /// <returns>Null, or the error that prevented the detection.</returns>
    internal async Task<RpcError?> DetectAsync(CancellationToken cancellationToken)
    {
        var block = await chain.Rpc.GetBlockAsync(BlockTag.Latest, cancellationToken).ConfigureAwait(false);
        if (block.Error is { } blockError) return blockError;
        if (block.Value is null) return RpcError.Malformed("eth_getBlockByNumber", "the chain has no newest block");
        var code = await chain.Rpc.GetCodeAsync(ArbitrumPrice.Precompile, cancellationToken).ConfigureAwait(false);
        // If the endpoint does not serve code, the base fee is used: Arbitrum has one too.
        if (code.Error is { Kind: RpcErrorKind.Transport or RpcErrorKind.RateLimited } codeError) return codeError;
        _isFeeMarket = block.Value.BaseFee is not null;
        MayBeArbitrum = code.Error is not null || code.Value.Length > 0;
        _source = code.Error is null && code.Value.Length > 0
            ? new ArbitrumPrice(chain.Rpc)
            : _isFeeMarket ? new BaseFeePrice(chain.Rpc, options, time) : new EndpointPrice(chain.Rpc);
        LogKind(logger, chain.ChainId, _isFeeMarket ? "type 2" : "legacy", _source.GetType().Name);
        await AskAsync(isWhole: true, cancellationToken).ConfigureAwait(false);
        return null;
    }

    /// <summary>As <see cref="DetectAsync"/>, but retries while the endpoint is rate-limited or unavailable.</summary>
    /// <exception cref="OperationCanceledException">The endpoint did not answer in time.</exception>
    internal async Task<RpcError?> DetectWhenServedAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var error = await DetectAsync(cancellationToken).ConfigureAwait(false);
            if (error?.Kind is not (RpcErrorKind.Transport or RpcErrorKind.RateLimited)) return error;
            await Task.Delay(
                error.RetryAfter > DetectPause ? error.RetryAfter.Value : DetectPause, time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The price to offer now.</summary>
    /// <param name="refresh">Waits for a new price, because the last one was too low.</param>
    /// <param name="cancellationToken">Ends the wait, not the query.</param>
    internal async ValueTask<FeeQuote> QuoteAsync(bool refresh, CancellationToken cancellationToken)
    {
        var age = Age();
        if (refresh || age > options.PriceFreshFor) await Refresh(refresh).WaitAsync(cancellationToken).ConfigureAwait(false);
        else if (age > options.PriceRefresh) _ = Refresh(isWhole: false);
        if (_last is { } reading && Age() <= options.PriceFreshFor) return Offer(reading.Price);
        metrics.FellBack(chain.ChainId);
        return Offer(new GasPrice(options.FallbackGasPrice, Wei.Zero));
    }

    /// <summary>Whether the chain ever returned a usable price. Without one <see cref="Expected"/> is the configured fallback.</summary>
    internal bool IsPriced => _last is not null;

    /// <summary>
    /// The probable cost of a unit of gas: the last good price, or the configured fallback. Does not wait or query the chain.
    /// </summary>
    internal Wei Expected =>
        _last is { } reading ? reading.Price.Price + (_isFeeMarket ? reading.Price.Tip : Wei.Zero) : options.FallbackGasPrice;

    private TimeSpan Age() => _last is { } reading ? time.GetElapsedTime(reading.At) : TimeSpan.MaxValue;

    /// <summary>Records a head that the subscription delivered, which may tell the price.</summary>
    internal void Learn(Block head)
    {
        if (_source?.Learn(head) is { } price && IsUsable(price)) Record(price);
    }

    private Task Refresh(bool isWhole)
    {
        lock (_gate) return _asking is { IsCompleted: false } ? _asking : _asking = AskAsync(isWhole, CancellationToken.None);
    }

    private bool IsUsable(GasPrice price) => price.Price > Wei.Zero && price.Price <= options.MaxGasPrice;

    private void Record(GasPrice price)
    {
        _last = new Reading(price, time.GetTimestamp());
        metrics.Priced(chain.ChainId, (double)price.Price.Amount, time.GetUtcNow());
    }

    private async Task AskAsync(bool isWhole, CancellationToken cancellationToken)
    {
        var answer = await _source!.AskAsync(isWhole, cancellationToken).ConfigureAwait(false);
        if (answer.TryGet(out var price, out var error) && IsUsable(price))
        {
            Record(price);
            _faults(null);
            return;
        }

        if (error is null || error.Kind == RpcErrorKind.Malformed) metrics.Refused(chain.ChainId);
        var severity = error is null ? LogLevel.Warning : _faults(error);
        var reason = error?.ToString() ?? price.Price.ToString();
        LogRefused(logger, severity, reason);
    }

    private FeeQuote Offer(GasPrice now)
    {
        var tip = _isFeeMarket ? now.Tip : Wei.Zero;
        // Without a max of its own, a tip from the endpoint could drain the wallet even at a sane base fee.
        if (tip > options.MaxGasPrice / Headroom) tip = options.MaxGasPrice / Headroom;
        var fee = Clamp((_isFeeMarket ? now.Price * Headroom : now.Price) + tip);
        return new FeeQuote(fee, _isFeeMarket ? (tip < fee ? tip : fee) : fee, _isFeeMarket);
    }

    private Wei Clamp(Wei fee) => fee < options.MinGasPrice ? options.MinGasPrice : fee > options.MaxGasPrice ? options.MaxGasPrice : fee;

    private sealed record Reading(GasPrice Price, long At);

    [LoggerMessage(
        EventId = EventIds.ChainKindDetected,
        Level = LogLevel.Information,
        Message = "chain {ChainId} takes {Kind} transactions, priced by {Source}")]
    private static partial void LogKind(ILogger logger, ulong chainId, string kind, string source);

    [LoggerMessage(EventId = EventIds.GasPriceRefused, Message = "no usable gas price: {Reason}")]
    private static partial void LogRefused(ILogger logger, LogLevel severity, string reason);
}
