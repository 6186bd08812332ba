using Microsoft.Extensions.Options;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Costs.Spending;

namespace Xmtp.Gateway.Costs.Funds;

/// <summary>The last accepted readings of both funds, and their current state.</summary>
/// <remarks>
/// An endpoint whose head is behind that of the last reading lags: its reading is accepted only at the third time in a
/// row. Thread-safe.
/// </remarks>
internal sealed class FundsState(SpendLedger ledger, EnvelopeCosts costs, IOptions<FundsOptions> options, TimeProvider time)
{
    internal const int CommitSize = 1024;
    private const int AcceptedAfter = 3;

    private readonly Lock _gate = new();
    private readonly DailyDecrease _payerDecrease = new();
    private readonly DailyDecrease _gasDecrease = new();
    private PayerReading? _payer;
    private GasReading? _gas;
    private int _payerBehind;
    private int _gasBehind;

    internal PayerReading? Payer => Volatile.Read(ref _payer);

    internal GasReading? Gas => Volatile.Read(ref _gas);

    /// <summary>Adds a reading of the payer registry.</summary>
    /// <returns>False when it was not accepted.</returns>
    internal bool Learn(PayerReading read)
    {
        lock (_gate)
        {
            if (IsBehind(read.Block, _payer?.Block, ref _payerBehind)) return false;
            // What is being withdrawn, or was withdrawn, does not count as spent.
            _payerDecrease.Learn(
                read.Balance.Value + read.PendingWithdrawal.Value, read.At, _payer is { } before ? Withdrawn(before, read) : 0);
            _payer = read;
            return true;
        }
    }

    /// <summary>Adds a reading of the gas.</summary>
    /// <returns>False when it was not accepted.</returns>
    internal bool Learn(GasReading read)
    {
        lock (_gate)
        {
            if (IsBehind(read.Block, _gas?.Block, ref _gasBehind)) return false;
            _gasDecrease.Learn((Int128)read.Balance.Amount, read.At);
            _gas = read;
            return true;
        }
    }

    /// <summary>The payer's balance in microdollars; null before the first reading.</summary>
    internal FundState? PayerState()
    {
        if (Payer is not { } read) return null;
        var (spent, watched) = ledger.LastDay();
        var estimated = (spent.Fees.ToMicrodollars().Value, watched);
        var rate = Faster(estimated, Decrease(_payerDecrease));
        return FundState.Of(
            read.Balance.Value, rate.Spent, rate.Watched, options.Value.PayerWarning, options.Value.PayerCritical, options.Value);
    }

    /// <summary>The gas in wei; null before the first reading.</summary>
    internal FundState? GasState()
    {
        if (Gas is not { } read) return null;
        var (spent, watched) = ledger.LastDay();
        var rate = Faster(((Int128)spent.Gas.Amount, watched), Decrease(_gasDecrease));
        var commit = (Int128)CommitCost.Amount;
        // A balance below the cost of one commit counts as empty.
        var balance = (Int128)read.Balance.Amount;
        var state = FundState.Of(
            balance, rate.Spent, rate.Watched, commit * options.Value.GasWarning, commit * options.Value.GasCritical, options.Value);
        return balance < commit ? state with { Level = FundLevel.Empty, RunwayHours = 0 } : state;
    }

    /// <summary>The current cost of a commit of <see cref="CommitSize"/> bytes; zero while it is not known.</summary>
    internal Wei CommitCost => costs.GasOf(CommitSize);

    // A pending withdrawal that is gone was either finalized, or cancelled and is back in the balance.
    private static Int128 Withdrawn(PayerReading before, PayerReading now) =>
        before.WithdrawableAt == now.WithdrawableAt && before.PendingWithdrawal.Value <= now.PendingWithdrawal.Value
            ? 0
            : before.PendingWithdrawal.Value;

    private (Int128 Spent, TimeSpan Watched) Decrease(DailyDecrease decrease)
    {
        lock (_gate) return decrease.Sum(time.GetUtcNow());
    }

    // Charges come hours after their messages, so the estimates are higher at first; the spend of other replicas shows
    // only in the balance.
    private static (Int128 Spent, TimeSpan Watched) Faster((Int128 Spent, TimeSpan Watched) left, (Int128 Spent, TimeSpan Watched) right)
    {
        var (leftSeconds, rightSeconds) = (Int128.Max(
            3600, (Int128)left.Watched.TotalSeconds), Int128.Max(3600, (Int128)right.Watched.TotalSeconds));
        return left.Spent * rightSeconds >= right.Spent * leftSeconds ? left : right;
    }

    private static bool IsBehind(ulong block, ulong? last, ref int behind)
    {
        if (block < last && ++behind < AcceptedAfter) return true;
        behind = 0;
        return false;
    }
}
