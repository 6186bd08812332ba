using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.AppChain.Senders.Funding;

/// <summary>The record of a gateway without replicas, since its start.</summary>
internal sealed class MemoryFundingLedger(TimeSpan lease, TimeProvider time) : IFundingLedger
{
    private readonly Lock _gate = new();
    private readonly Dictionary<EthereumAddress, long> _last = [];
    private string _owner = "";
    private long _until;
    private long _day;
    private ulong _spent;

    private long Now => (long)time.GetElapsedTime(0).TotalMilliseconds;

    /// <inheritdoc/>
    public ValueTask<ulong?> ReadAsync(CancellationToken cancellationToken)
    {
        lock (_gate) return new(SpentToday());
    }

    /// <inheritdoc/>
    public ValueTask<FundingStatus> TakeAsync(string owner, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_owner != owner && _until > Now) return new(FundingStatus.Busy);
            _owner = owner;
            _until = Now + (long)lease.TotalMilliseconds;
            return new(FundingStatus.Done);
        }
    }

    /// <inheritdoc/>
    public ValueTask<FundingGrant> SpendAsync(FundingRequest request, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            var (now, spent) = (Now, SpentToday());
            if (_owner != request.Owner || _until <= now) return new(new FundingGrant(FundingStatus.Busy, 0, spent, _day));
            var amount = Math.Min(request.Amount, request.MaxPerDay > spent ? request.MaxPerDay - spent : 0);
            if (amount < request.Least) return new(new FundingGrant(FundingStatus.Capped, 0, spent, _day));
            if (_last.TryGetValue(request.Sender, out var last) && now - last < (long)RedisFundingLedger.Pause.TotalMilliseconds)
                return new(new FundingGrant(FundingStatus.Recent, 0, spent, _day));
            _spent += amount;
            _last[request.Sender] = now;
            _until = now + (long)lease.TotalMilliseconds;
            return new(new FundingGrant(FundingStatus.Done, amount, _spent, _day));
        }
    }

    /// <inheritdoc/>
    public ValueTask<bool> TakeBackAsync(FundingGrant grant, EthereumAddress sender)
    {
        lock (_gate)
        {
            if (SpentToday() >= grant.Amount && _day == grant.Day) _spent -= grant.Amount;
            _last.Remove(sender);
            return new(true);
        }
    }

    /// <inheritdoc/>
    public ValueTask ReleaseAsync(string owner)
    {
        lock (_gate)
        {
            if (_owner == owner) _until = 0;
            return default;
        }
    }

    private ulong SpentToday()
    {
        var day = time.GetUtcNow().ToUnixTimeSeconds() / 86_400;
        if (day != _day) _spent = 0;
        _day = day;
        return _spent;
    }
}
