namespace Xmtp.Gateway.Notifications;

/// <summary>What changed on a chain. It means that a value must be read again and does not carry the new value.</summary>
public enum ChangeKind
{
    /// <summary>The node registry: a node was added, removed, or changed its address.</summary>
    NodesChanged,

    /// <summary>The rate registry: other prices are or will be in force.</summary>
    RatesChanged,

    /// <summary>A broadcaster of the App Chain was paused or unpaused, or its payload bounds changed.</summary>
    PauseChanged,

    /// <summary>The payer's money on the settlement chain: a deposit, a charge, or a withdrawal.</summary>
    BalanceChanged,
}
