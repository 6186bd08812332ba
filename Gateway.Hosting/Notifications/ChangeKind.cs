namespace Xmtp.Gateway.Notifications;

/// <summary>What changed on a chain. It says that something has to be read anew, not what it is now.</summary>
public enum ChangeKind
{
    /// <summary>The node registry: a node came, left, or moved.</summary>
    NodesChanged,

    /// <summary>The rate registry: other prices are, or will be, in force.</summary>
    RatesChanged,

    /// <summary>A broadcaster of the App Chain was paused, goes on, or takes payloads of other sizes.</summary>
    PauseChanged,

    /// <summary>The payer's money on the settlement chain: a deposit, a charge, or a withdrawal.</summary>
    BalanceChanged,
}
