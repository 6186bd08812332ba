namespace Xmtp.Gateway.Operator.Overview;

/// <summary>How the whole is.</summary>
internal enum OperatorState
{
    /// <summary>Nothing is to be done.</summary>
    Well,

    /// <summary>Something is to be done soon.</summary>
    Attention,

    /// <summary>Something is to be done now.</summary>
    Trouble,
}

/// <summary>Something that an operator should know, and what to do.</summary>
/// <param name="State">How urgent it is.</param>
/// <param name="What">A sentence.</param>
/// <param name="Do">What to do about it, a sentence.</param>
internal sealed record Trouble(OperatorState State, string What, string Do);
