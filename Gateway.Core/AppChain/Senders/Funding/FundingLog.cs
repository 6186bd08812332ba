using Microsoft.Extensions.Logging;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Transactions;

namespace Xmtp.Gateway.AppChain.Senders.Funding;

/// <summary>Tells why a sender below the level got no gas: a metric for each time, and a log line per reason in ten minutes.</summary>
internal sealed partial class FundingLog(FundingMetrics metrics, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(10);

    private readonly LogThrottle _day = new(Window, time);
    private readonly LogThrottle _payer = new(Window, time);
    private readonly LogThrottle _store = new(Window, time);
    private readonly LogThrottle _chain = new(Window, time);

    /// <summary>The amount of the day is used up.</summary>
    internal void Day(EthereumAddress sender, FundingLevels levels)
    {
        metrics.Refused("day");
        if (_day.TryPass(out _)) LogDay(logger, sender, levels.MaxPerDay);
    }

    /// <summary>The payer has too little gas itself.</summary>
    internal void Payer(EthereumAddress payer, EthereumAddress sender, Wei own)
    {
        metrics.Refused("payer");
        if (_payer.TryPass(out _)) LogPayer(logger, sender, payer, own);
    }

    /// <summary>The store does not answer.</summary>
    internal void Store()
    {
        metrics.Refused("store");
        if (_store.TryPass(out _)) LogStore(logger);
    }

    /// <summary>The chain does not answer, or refuses the transfer.</summary>
    internal void Chain(EthereumAddress sender, string why)
    {
        metrics.Refused("chain");
        if (_chain.TryPass(out _)) LogChain(logger, sender, why);
    }

    [LoggerMessage(
        EventId = EventIds.SenderTransferCapped,
        Level = LogLevel.Warning,
        Message = "the sender {Sender} gets no more gas today (UTC): the {Max} gwei of maxPerDay are used up")]
    private static partial void LogDay(ILogger logger, EthereumAddress sender, ulong max);

    [LoggerMessage(
        EventId = EventIds.SenderTransferUnpaid,
        Level = LogLevel.Error,
        Message = "the sender {Sender} gets no gas: the payer {Payer} has too little itself on the App Chain, {Own}")]
    private static partial void LogPayer(ILogger logger, EthereumAddress sender, EthereumAddress payer, Wei own);

    [LoggerMessage(
        EventId = EventIds.SenderTransferUncounted,
        Level = LogLevel.Warning,
        Message = "the senders get no gas while Redis does not answer: what was transferred today is not known")]
    private static partial void LogStore(ILogger logger);

    [LoggerMessage(
        EventId = EventIds.SenderTransferRefused,
        Level = LogLevel.Warning,
        Message = "the sender {Sender} got no gas; retrying at the next reading of the funds: {Why}")]
    private static partial void LogChain(ILogger logger, EthereumAddress sender, string why);
}
