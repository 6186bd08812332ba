namespace Xmtp.Gateway.Authorization.Limits;

/// <summary>The charges of one publish: those that portions in hand cover, and those that the store is asked for.</summary>
internal sealed class PortionedCharges
{
    private readonly IReadOnlyList<UsageLimitCharge> _charges;
    private readonly List<(int Index, LimitPortion Portion, long TakenAt)> _used = [];
    private readonly List<(int Index, LimitPortion? Portion)> _asked = [];
    private readonly List<UsageLimitCharge> _store;

    /// <summary>Uses portions where they suffice.</summary>
    /// <param name="charges">The charges.</param>
    /// <param name="portionOf">The portion of a charge; null for what is taken publish by publish.</param>
    internal PortionedCharges(IReadOnlyList<UsageLimitCharge> charges, Func<UsageLimitCharge, LimitPortion?> portionOf)
    {
        _charges = charges;
        _store = new(charges.Count);
        for (var i = 0; i < charges.Count; i++)
        {
            var (charge, portion) = (charges[i], portionOf(charges[i]));
            if (portion is not null && portion.TryUse(charge.Cost, out var takenAt))
            {
                _used.Add((i, portion, takenAt));
                continue;
            }

            var taking = portion?.TryAsk(charge.Cost) == true ? portion : null;
            _asked.Add((i, taking));
            _store.Add(taking is null ? charge : charge with { Cost = taking.Size });
        }
    }

    /// <summary>What the store is asked for: whole portions where they are taken now. Empty when portions cover everything.</summary>
    internal IReadOnlyList<UsageLimitCharge> Asked => _store;

    /// <summary>When the newest used portion was taken, in Unix milliseconds of the store's clock: in the window of all.</summary>
    internal long TakenAt => _used.Max(used => used.TakenAt);

    /// <summary>Whether the store was asked for a whole portion with this charge of <see cref="Asked"/>.</summary>
    internal bool IsPortion(int asked) => _asked[asked].Portion is not null;

    /// <summary>The index of this charge of <see cref="Asked"/> among all.</summary>
    internal int IndexOf(int asked) => _asked[asked].Index;

    /// <summary>The store took everything.</summary>
    /// <param name="takenAt">When, in Unix milliseconds of its clock.</param>
    /// <param name="asked">The timestamp before it was asked.</param>
    /// <param name="isKept">Whether the rest of a portion is kept in hand.</param>
    /// <returns>What is to be refunded to the store.</returns>
    internal List<UsageLimitCharge> Keep(long takenAt, long asked, bool isKept)
    {
        List<UsageLimitCharge> rest = [];
        foreach (var (index, portion) in _asked)
        {
            if (portion is null) continue;
            var charge = _charges[index];
            var left = portion.Size - charge.Cost;
            if (isKept) left = portion.Taken(charge.Cost, takenAt, asked);
            else portion.Refused(isOver: false);
            if (left > 0) rest.Add(charge with { Cost = left });
        }

        return rest;
    }

    /// <summary>The store took nothing: what was used of portions is put back.</summary>
    /// <param name="over">The charge of <see cref="Asked"/> that did not fit; null for none.</param>
    /// <returns>What is to be refunded to the store, and when it was taken.</returns>
    internal List<(UsageLimitCharge Charge, long TakenAt)> Refuse(int? over)
    {
        for (var i = 0; i < _asked.Count; i++) _asked[i].Portion?.Refused(isOver: i == over);
        List<(UsageLimitCharge Charge, long TakenAt)> rest = [];
        foreach (var (index, portion, takenAt) in _used)
        {
            var left = portion.PutBack(_charges[index].Cost, takenAt);
            if (left > 0) rest.Add((_charges[index] with { Cost = left }, takenAt));
        }

        return rest;
    }
}
