using Xmtp.Gateway.Identity;

namespace Xmtp.Gateway.Costs.Usage;

/// <summary>Counts calls that were refused or failed, for those who look at what callers used.</summary>
internal interface IRefusalCounter
{
    /// <summary>Counts a call.</summary>
    /// <param name="identity">The caller; null when it was not identified.</param>
    /// <param name="reason">The reason in the error, such as <c>RATE_LIMITED</c>.</param>
    void Refused(ClientIdentity? identity, string reason);
}
