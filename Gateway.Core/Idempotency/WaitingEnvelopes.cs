using Xmtp.Gateway.Identity;

namespace Xmtp.Gateway.Idempotency;

/// <summary>
/// Bounds how many envelopes of each identity wait for other calls that publish the same envelopes. Thread-safe.
/// </summary>
/// <remarks>One request of any size may always wait.</remarks>
internal sealed class WaitingEnvelopes
{
    /// <summary>The max number of waiting envelopes of one identity, over all its requests.</summary>
    internal const int MaxPerIdentity = 20_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<ClientIdentity, int> _waiting = [];

    /// <summary>Counts envelopes of a request as waiting.</summary>
    /// <returns>False when the identity has too many waiting; then nothing was counted.</returns>
    internal bool TryEnter(ClientIdentity identity, int envelopes)
    {
        lock (_gate)
        {
            var before = _waiting.GetValueOrDefault(identity);
            if (before > 0 && before + envelopes > MaxPerIdentity) return false;
            _waiting[identity] = before + envelopes;
            return true;
        }
    }

    /// <summary>Counts them as no longer waiting.</summary>
    internal void Leave(ClientIdentity identity, int envelopes)
    {
        lock (_gate)
        {
            if (_waiting[identity] == envelopes) _waiting.Remove(identity);
            else _waiting[identity] -= envelopes;
        }
    }
}
