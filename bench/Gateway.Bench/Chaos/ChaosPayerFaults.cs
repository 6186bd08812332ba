namespace Xmtp.Gateway.Bench.Chaos;

/// <summary>The faults of a run with a payers file: those of senders, and changes of the file under load.</summary>
internal static class ChaosPayerFaults
{
    /// <summary>Every kind.</summary>
    public static IReadOnlyList<ChaosFault> All { get; } =
    [
        new("sender-empty", ChaosTarget.Sender, TimeSpan.FromSeconds(8), async (stage, number, duration, cancellationToken) =>
        {
            await stage.Payers.EmptyAsync(stage.Chain, stage.Payers.Senders[number], cancellationToken);
            await ChaosFault.WaitAsync(duration, cancellationToken);
            await ChaosPayers.FundGasAsync(stage.Chain, stage.Payers.Senders[number], CancellationToken.None);
        }),
        new("sender-stuck", ChaosTarget.Sender, TimeSpan.FromSeconds(20), async (stage, number, duration, cancellationToken) =>
        {
            stage.Rpc.HoldsSenders[stage.Payers.Senders[number]] = true;
            await ChaosFault.WaitAsync(duration, cancellationToken);
            stage.Rpc.HoldsSenders.TryRemove(stage.Payers.Senders[number], out _);
        })
        {
            // Longer than until it is unavailable.
            Min = TimeSpan.FromSeconds(7),
        },
        OfFile("payers-file-changes", file => file.Change()),
        OfFile("payers-file-broken", file => file.Break()),
        OfFile("payer-leaves", file => file.TakeLastOut()) with { NeededPayers = 2 },
    ];

    private static ChaosFault OfFile(string name, Action<ChaosPayersFile> change) => new(
        name, ChaosTarget.PayersFile, TimeSpan.FromSeconds(10), async (stage, _, duration, cancellationToken) =>
        {
            change(stage.Payers.File!);
            await ChaosFault.WaitAsync(duration, cancellationToken);
            stage.Payers.File!.Restore();
        })
    {
        NeededPayers = 1,
        // Longer than until all gateways have read it twice.
        Min = TimeSpan.FromSeconds(4),
    };
}
