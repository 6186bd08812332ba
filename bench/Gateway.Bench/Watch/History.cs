using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Bench.Watch;

/// <summary>Writes a chain's past: charges, a hundred a block, and empty blocks behind them, so that all of it is settled.</summary>
internal static class History
{
    private const int EventsPerBlock = 100;
    private const int EmptyBlocks = 300;

    /// <summary>Writes it, and returns the head's number.</summary>
    public static async Task<ulong> WriteAsync(DevChain chain, int events, CancellationToken cancellationToken)
    {
        var report = Bytes32.Parse("0x" + new string('9', 64));
        for (var block = 0; block < events / EventsPerBlock; block++)
        {
            await chain.SettleUsageAsync(
                report, [.. Enumerable.Range(0, EventsPerBlock).Select(i => (Payer(i), new Microdollars(i + 1)))], cancellationToken);
        }
        await chain.MineAsync(EmptyBlocks, cancellationToken);
        return (await chain.Rpc.GetBlockNumberAsync(cancellationToken)).OrThrow();
    }

    private static EthereumAddress Payer(int number)
    {
        var bytes = new byte[EthereumAddress.Size];
        bytes[^1] = (byte)(number + 1);
        return new EthereumAddress(bytes);
    }
}
