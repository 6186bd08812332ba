namespace Xmtp.Gateway.Transactions;

/// <summary>Pauses that double up to a max.</summary>
internal static class DoublingPause
{
    /// <summary>The pause after one: twice as long, at most the max.</summary>
    internal static TimeSpan After(TimeSpan pause, TimeSpan max) => pause * 2 < max ? pause * 2 : max;
}
