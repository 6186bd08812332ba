using Xmtp.Gateway.Chain;

namespace Xmtp.Gateway.Costs.Funds;

/// <summary>
/// Keeps both funds by hour, <see cref="KeptHours"/> hours: the last reading of each. In memory, or in Redis for all replicas of a
/// payer together.
/// </summary>
internal interface IFundsHistory
{
    /// <summary>How many hours are kept: 7 days.</summary>
    const int KeptHours = 7 * 24;

    /// <summary>Since when it keeps them; null for a store that survives restarts.</summary>
    DateTimeOffset? Since { get; }

    /// <summary>Adds a reading to the current hour, in place of the one that the hour has.</summary>
    /// <param name="payer">The payer's balance; null when it is not known.</param>
    /// <param name="gas">The gas; null when it is not known.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Whether it is kept; false when the store did not answer.</returns>
    ValueTask<bool> AddAsync(Microdollars? payer, Wei? gas, CancellationToken cancellationToken);

    /// <summary>Reads the hours that have a reading, oldest first; null when the store does not answer.</summary>
    ValueTask<IReadOnlyList<FundsMoment>?> ReadAsync(CancellationToken cancellationToken);
}

/// <summary>Both funds as last read within an hour.</summary>
/// <param name="Hour">The start of the hour.</param>
/// <param name="Payer">The payer's balance; null when it was not known.</param>
/// <param name="Gas">The gas; null when it was not known.</param>
internal sealed record FundsMoment(DateTimeOffset Hour, Microdollars? Payer, Wei? Gas)
{
    private const long HourSeconds = 3600;

    /// <summary>The number of the hour of a moment, from the start of Unix time.</summary>
    internal static long NumberOf(DateTimeOffset moment) => moment.ToUnixTimeSeconds() / HourSeconds;

    /// <summary>The start of an hour by its number.</summary>
    internal static DateTimeOffset StartOf(long number) => DateTimeOffset.FromUnixTimeSeconds(number * HourSeconds);
}
