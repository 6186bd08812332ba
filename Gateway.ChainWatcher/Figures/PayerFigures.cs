namespace Xmtp.Gateway.ChainWatcher.Figures;

/// <summary>The money of our own payer as its events tell, in microdollars. All zero when no payer is configured.</summary>
public sealed class PayerFigures
{
    /// <summary>What was paid in.</summary>
    public Int128 Deposited { get; set; }

    /// <summary>What was charged.</summary>
    public Int128 Used { get; set; }

    /// <summary>What is on its way out.</summary>
    public Int128 Withdrawing { get; set; }

    /// <summary>What was taken out.</summary>
    public Int128 Withdrawn { get; set; }

    /// <summary>What is left; below zero it is owed.</summary>
    public Int128 Balance => Deposited - Used - Withdrawing - Withdrawn;

    /// <summary>What is owed; 0 when nothing is.</summary>
    public Int128 Debt => Balance < 0 ? -Balance : 0;
}
