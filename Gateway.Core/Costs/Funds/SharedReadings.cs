using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Contracts;

namespace Xmtp.Gateway.Costs.Funds;

/// <summary>
/// Reads balances for several payers of a process: at the same times, so that what is read together is one body. Thread-safe.
/// </summary>
internal sealed class SharedReadings
{
    // Far below an interval, and longer than the timers of all payers take to fire.
    private static readonly TimeSpan Window = TimeSpan.FromMilliseconds(100);

    private readonly TimeProvider _time;
    private readonly long _start;

    /// <summary>Creates them, over the endpoints of the readers of money.</summary>
    public SharedReadings(CostChainClients chains, TimeProvider time)
    {
        _time = time;
        _start = time.GetTimestamp();
        App = chains.BatchedApp(Window);
        PayerRegistry = new PayerRegistryContract(chains.BatchedSettlement(Window), chains.PayerRegistry.Address);
    }

    /// <summary>The App Chain.</summary>
    internal EthereumRpc App { get; }

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
}
