using Xmtp.Gateway.Chain.Abi;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.DevNet.Chain;

namespace Xmtp.Gateway.Bench.Publish;

/// <summary>An Anvil whose node registry, at the address of the anvil environment, always answers with one node.</summary>
internal static class BenchChain
{
    private const string NodeRegistry = "0xd19F631634Bdb0e31217Ee22139025B75Ce6EA5C";
    private const int PreludeSize = 14;

    /// <summary>Starts it.</summary>
    public static async Task<Anvil> StartAsync(uint nodeId, string nodeUrl, PrivateKeySigner node, CancellationToken cancellationToken)
    {
        var anvil = await Anvil.StartAsync(new AnvilOptions(), cancellationToken);
        try
        {
            var code = "0x" + Convert.ToHexStringLower(Answering(OneNode(nodeId, nodeUrl, node)));
            (await anvil.Rpc.Transport.SendAsync("anvil_setCode", [NodeRegistry, code], cancellationToken)).OrThrow();
            return anvil;
        }
        catch
        {
            await anvil.DisposeAsync();
            throw;
        }
    }

    /// <summary>NodeWithId[]: (uint32 nodeId, (address signer, bool isCanonical, bytes signingPublicKey, string httpAddress)).</summary>
    private static byte[] OneNode(uint nodeId, string nodeUrl, PrivateKeySigner node) => new AbiWriter().Array([node], (list, key) => list.DynamicTuple(entry => entry
        .UInt(nodeId)
        .DynamicTuple(body => body.Address(key.Address).Bool(true).Bytes(key.PublicKey.Span).String(nodeUrl)))).ToArray();

    /// <summary>A contract that answers every call with the same bytes.</summary>
    /// <remarks><c>PUSH2 size, PUSH1 14, PUSH0, CODECOPY, PUSH2 size, PUSH0, RETURN, INVALID</c>, then the bytes.</remarks>
    private static byte[] Answering(byte[] answer)
    {
        byte high = (byte)(answer.Length >> 8), low = (byte)answer.Length;
        return [0x61, high, low, 0x60, PreludeSize, 0x5f, 0x39, 0x61, high, low, 0x5f, 0xf3, 0xfe, 0xfe, .. answer];
    }
}
