using Xmtp.Gateway.Costs;

namespace Xmtp.Gateway.Hosting;

/// <summary>Counts of a gateway inside a program, since its start.</summary>
public sealed record XmtpGatewayStats
{
    /// <summary>Calls of clients that ended, of every method and protocol; probes of health are not counted.</summary>
    public long Requests { get; init; }

    /// <summary>The calls among <see cref="Requests"/> that ended in an error.</summary>
    public long Errors { get; init; }

    /// <summary>Envelopes that were published and paid for; those that were answered with an earlier result are not counted.</summary>
    public long Published { get; init; }

    /// <summary>What these cost: fees as the nodes signed them, gas by its estimate in dollars.</summary>
    public Picodollars Spent { get; init; }

    /// <summary>Transactions that are sent and not final.</summary>
    public int TransactionsInFlight { get; init; }

    /// <summary>The usable nodes, as last read from the registry.</summary>
    public int Nodes { get; init; }
}
