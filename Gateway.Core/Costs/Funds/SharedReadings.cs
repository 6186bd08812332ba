using Microsoft.Extensions.Logging;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Chain.JsonRpc;

namespace Xmtp.Gateway.Costs.Funds;

/// <summary>
/// Reads balances for several payers of a process: at the same times, so that what is read together is one call of Multicall3, or one
/// body. Thread-safe.
/// </summary>
internal sealed partial class SharedReadings
{
    // Far below an interval, and longer than the timers of all payers take to fire.
    private static readonly TimeSpan Window = TimeSpan.FromMilliseconds(100);

    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly long _start;

    /// <summary>Creates them, over the endpoints of the readers of money.</summary>
    public SharedReadings(CostChainClients chains, TimeProvider time, ILogger<SharedReadings> logger)
    {
        _time = time;
        _logger = logger;
        _start = time.GetTimestamp();
        App = chains.BatchedApp(Window, error => Tell("App Chain", error));
        Settlement = chains.BatchedSettlement(Window, error => Tell("settlement chain", error));
        PayerRegistry = new PayerRegistryContract(Settlement, chains.PayerRegistry.Address);
    }

    /// <summary>The App Chain.</summary>
    internal EthereumRpc App { get; }

    /// <summary>The settlement chain.</summary>
    internal EthereumRpc Settlement { get; }

    /// <summary>The payers' balances on the settlement chain.</summary>
    internal PayerRegistryContract PayerRegistry { get; }

    /// <summary>How long until the next time at which all payers with an interval read.</summary>
    /// <param name="interval">More than zero.</param>
    internal TimeSpan UntilNext(TimeSpan interval)
    {
        var left = interval - TimeSpan.FromTicks(_time.GetElapsedTime(_start).Ticks % interval.Ticks);
        // A timer may fire a moment early.
        return left < interval / 10 ? left + interval : left;
    }

    // An endpoint that does not answer at all is reported by the health of its chain.
    private void Tell(string chain, RpcError? error)
    {
        if (error is null) LogTogether(_logger, chain);
        else LogBatches(_logger, error.Kind == RpcErrorKind.Transport ? LogLevel.Information : LogLevel.Warning, chain, error);
    }

    [LoggerMessage(
        EventId = EventIds.SharedReadingsRefused,
        Message = "the {Chain} failed a call of Multicall3; balances are read in JSON-RPC batches until it answers one: {Error}")]
    private static partial void LogBatches(ILogger logger, LogLevel severity, string chain, RpcError error);

    [LoggerMessage(EventIds.SharedReadingsBack, LogLevel.Information, "the {Chain} answers calls of Multicall3 again")]
    private static partial void LogTogether(ILogger logger, string chain);
}
