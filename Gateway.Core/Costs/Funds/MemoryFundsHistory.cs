using Xmtp.Gateway.Chain;

namespace Xmtp.Gateway.Costs.Funds;

/// <summary>Keeps both funds by hour in this process, since its start. Thread-safe.</summary>
internal sealed class MemoryFundsHistory(TimeProvider time) : IFundsHistory
{
    private readonly Lock _gate = new();
    private readonly LinkedList<FundsMoment> _moments = [];

    public DateTimeOffset? Since { get; } = time.GetUtcNow();

    public ValueTask<bool> AddAsync(Microdollars? payer, Wei? gas, CancellationToken cancellationToken)
    {
        if (payer is null && gas is null) return ValueTask.FromResult(true);
        var hour = FundsMoment.NumberOf(time.GetUtcNow());
        var start = FundsMoment.StartOf(hour);
        lock (_gate)
        {
            var before = _moments.Last?.Value;
            if (before?.Hour == start) _moments.RemoveLast();
            else before = null;
            _moments.AddLast(new FundsMoment(start, payer ?? before?.Payer, gas ?? before?.Gas));
            while (_moments.First!.Value.Hour <= FundsMoment.StartOf(hour - IFundsHistory.KeptHours)) _moments.RemoveFirst();
        }

        return ValueTask.FromResult(true);
    }

    public ValueTask<IReadOnlyList<FundsMoment>?> ReadAsync(CancellationToken cancellationToken)
    {
        lock (_gate) return ValueTask.FromResult<IReadOnlyList<FundsMoment>?>([.. _moments]);
    }
}
