using Xmtp.Gateway.Chain;

namespace Xmtp.Gateway.Costs.Funds;

/// <summary>The levels of a payer's funds as they were logged last: a line per change of a level, not per reading.</summary>
internal sealed class LoggedLevels
{
    private readonly Dictionary<string, FundLevel> _logged = [];

    /// <summary>The level and the balance of a fund to log; they count as logged.</summary>
    /// <param name="fund">The fund: payer or gas.</param>
    /// <param name="state">How it is now; null when it has not been read.</param>
    /// <returns>Null when there is no change.</returns>
    internal (FundLevel Level, string Balance)? ChangeOf(string fund, FundState? state)
    {
        if (state is null || _logged.GetValueOrDefault(fund) == state.Level) return null;
        _logged[fund] = state.Level;
        return (state.Level, fund == "payer" ? new Microdollars(state.Balance).ToString() : new Wei((UInt128)state.Balance).ToString());
    }
}
