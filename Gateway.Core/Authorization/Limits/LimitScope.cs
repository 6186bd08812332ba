namespace Xmtp.Gateway.Authorization.Limits;

/// <summary>Which publishes a limit or a budget counts together.</summary>
public enum LimitScope
{
    /// <summary>Each identity has its own.</summary>
    EachClient,

    /// <summary>All of them share one.</summary>
    WholeGateway,
}
