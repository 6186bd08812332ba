namespace Xmtp.Gateway.ChainWatcher.Figures;

/// <summary>The money of the own payer by its events, in microdollars. All zero when no payer is configured.</summary>
public sealed class PayerFigures
{
    /// <summary>The sum of the deposits.</summary>
    public Int128 Deposited { get; set; }

    /// <summary>The sum of the charges.</summary>
    public Int128 Used { get; set; }

    /// <summary>The amount of the pending withdrawal.</summary>
    public Int128 Withdrawing { get; set; }

    /// <summary>The sum of the finalized withdrawals.</summary>
    public Int128 Withdrawn { get; set; }

    /// <summary>The balance; below zero is debt.</summary>
    public Int128 Balance => Deposited - Used - Withdrawing - Withdrawn;

    /// <summary>The debt; 0 when there is none.</summary>
    public Int128 Debt => Balance < 0 ? -Balance : 0;
}
