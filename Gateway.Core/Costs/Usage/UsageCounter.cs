using System.Text;
using Xmtp.Gateway.Costs.Spending;
using Xmtp.Gateway.Identity;

namespace Xmtp.Gateway.Costs.Usage;

/// <summary>
/// Counts what each identity used since it was last stored: a publish adds to memory alone, and <see cref="UsageWriter"/> stores
/// the sums at intervals.
/// </summary>
/// <remarks>
/// Counts nothing before <see cref="Open"/>. Bounded: <see cref="MaxIdentities"/> identities, further ones share an entry, and
/// <see cref="MaxReasons"/> reasons. Thread-safe; a publish holds the lock for well below a microsecond.
/// </remarks>
internal sealed class UsageCounter(TimeProvider time) : IRefusalCounter
{
    /// <summary>The name of the entry that identities share beyond the bound.</summary>
    internal const string Others = "others";

    private const int MaxIdentities = 2_000;
    private const int MaxReasons = 64;
    private const int MaxReasonLength = 40;
    private const string OtherReason = "OTHER";
    private static readonly ClientIdentity Nobody = new("none", "");
    private static readonly ClientIdentity All = new(Others, "");

    private readonly Lock _gate = new();
    private readonly HashSet<string> _reasons = new(StringComparer.Ordinal);
    private Dictionary<(DateOnly Day, ClientIdentity Identity), UsageFigures> _unsaved = [];
    private volatile bool _isOpen;

    /// <summary>Starts counting.</summary>
    internal void Open() => _isOpen = true;

    /// <summary>Counts a publish.</summary>
    internal void Published(DateTimeOffset now, ClientIdentity identity, SpendFigures spend)
    {
        if (!_isOpen) return;
        lock (_gate) Of(now, identity).Add(spend.Messages, spend.Fees, spend.GasPrice);
    }

    /// <inheritdoc/>
    public void Refused(ClientIdentity? identity, string reason)
    {
        if (!_isOpen) return;
        lock (_gate) Of(time.GetUtcNow(), identity ?? Nobody).Refuse(Known(reason));
    }

    /// <summary>Takes all that is not stored yet, by day and pseudonym.</summary>
    internal IReadOnlyList<UsageBatch> Take()
    {
        Dictionary<(DateOnly Day, ClientIdentity Identity), UsageFigures> taken;
        lock (_gate)
        {
            if (_unsaved.Count == 0) return [];
            taken = _unsaved;
            _unsaved = [];
        }

        return
        [
            .. taken.GroupBy(entry => entry.Key.Day)
                .Select(day => new UsageBatch(day.Key, day.ToDictionary(entry => NameOf(entry.Key.Identity), entry => entry.Value))),
        ];
    }

    /// <summary>The name of an identity: its kind and hash, as limits and the log have it.</summary>
    internal static string NameOf(ClientIdentity identity) =>
        identity.Value.Length == 0 ? identity.Kind : $"{identity.Kind}:{IdentityHash.Of(identity)}";

    private UsageFigures Of(DateTimeOffset now, ClientIdentity identity)
    {
        var key = (DateOnly.FromDateTime(now.UtcDateTime), identity);
        if (_unsaved.TryGetValue(key, out var figures)) return figures;
        if (_unsaved.Count >= MaxIdentities)
        {
            key = (key.Item1, All);
            if (_unsaved.TryGetValue(key, out figures)) return figures;
        }

        return _unsaved[key] = new UsageFigures();
    }

    // A program's own rules may have reasons without number, and of any text.
    private string Known(string reason)
    {
        if (_reasons.Contains(reason)) return reason;
        var clean = new StringBuilder(MaxReasonLength);
        foreach (var letter in reason.AsSpan(0, Math.Min(reason.Length, MaxReasonLength)))
            clean.Append(char.IsAsciiLetterOrDigit(letter) ? letter : '_');
        var text = clean.ToString();
        if (text.Length == 0 || (!_reasons.Contains(text) && _reasons.Count >= MaxReasons)) return OtherReason;
        _reasons.Add(text);
        return text;
    }
}

/// <summary>What identities used on a day, to be added to what is stored.</summary>
/// <param name="Day">The day in UTC.</param>
/// <param name="Identities">By pseudonym.</param>
internal sealed record UsageBatch(DateOnly Day, IReadOnlyDictionary<string, UsageFigures> Identities);
