using System.Collections.Concurrent;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.AppChain.Fees;

/// <summary>How much gas a call may take: estimated by the chain, with a margin. Payloads of about one size share an estimate.</summary>
/// <remarks>
/// An estimate for one payload is raised to what the dearest payload of its size class could take (EIP-7623: up to 40 gas
/// a byte in data, and 8 more in the log), so that it holds for all of the class. What is not used is not paid.
/// </remarks>
internal sealed class GasLimits(EthereumRpc rpc, EthereumAddress sender, AppChainTransactionOptions options, TimeProvider time)
{
    private const ulong DearestByte = 48;
    private const ulong ByteInData = 40;
    private const ulong CallWithoutBytes = 34_000;
    private const ulong ZeroByteDiscount = 30;
    private const int SmallestClass = 128;
    private const int ClassesPerDoubling = 8;

    private readonly ConcurrentDictionary<(EthereumAddress, int), (ulong Limit, long At)> known = new();

    /// <summary>The limit for a call, or the chain's refusal of it.</summary>
    internal async ValueTask<RpcResult<ulong>> LimitAsync(EthereumAddress to, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        var key = (to, SizeClass(data.Length));
        if (known.TryGetValue(key, out var found) && time.GetElapsedTime(found.At) < options.GasEstimateFreshFor) return found.Limit;
        var answer = await rpc.EstimateGasAsync(new CallRequest(to, data) { From = sender }, cancellationToken).ConfigureAwait(false);
        if (!answer.TryGet(out var estimate, out var error)) return error;
        var dearest = estimate + ((ulong)(key.Item2 - data.Length) * DearestByte) + ((ulong)data.Span.Count((byte)0) * ZeroByteDiscount);
        var limit = dearest + (dearest * options.GasMarginPercent / 100);
        known[key] = (limit, time.GetTimestamp());
        return limit;
    }

    /// <summary>How much gas a call of so many bytes probably takes: by the last estimate of its size class without the margin, else by the prices of bytes. Asks nobody.</summary>
    internal ulong Expected(EthereumAddress to, int size) =>
        known.TryGetValue((to, SizeClass(size)), out var found) ? found.Limit * 100 / (100 + options.GasMarginPercent) : CallWithoutBytes + ((ulong)size * ByteInData);

    /// <summary>Forgets an estimate that was too low.</summary>
    internal void Forget(EthereumAddress to, int size) => known.TryRemove((to, SizeClass(size)), out _);

    // The size rounded up, to an eighth of the power of two below it.
    private static int SizeClass(int size)
    {
        if (size <= SmallestClass) return SmallestClass;
        var step = Math.Max(SmallestClass, (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)size) / 2 / ClassesPerDoubling);
        return (size + step - 1) / step * step;
    }
}
