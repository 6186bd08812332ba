using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Abi;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.DevNet.Chain;

namespace Xmtp.Gateway.Tests.TestSupport;

/// <summary>
/// The stand-ins without their favors, so that they refuse what the real contracts refuse: nobody but the first account
/// administers them, they have no functions of their own, and do not name themselves stand-ins.
/// </summary>
public static class StrictContracts
{
    // PUSH4 and EQ around the selector of a function, in a contract's search for the called one.
    private const byte Push4 = 0x63;
    private const byte Equal = 0x14;

    private static readonly byte[] Nobody = [.. Enumerable.Repeat((byte)0xee, 20)];
    private static readonly byte[] NoFunction = [0xff, 0xff, 0xff, 0xff];

    private static readonly string[] Favors =
    [
        "isStandIn()", "addNodeWithId(uint32,address,bytes,string)", "credit(address,uint96)",
    ];

    /// <summary>Sets their code on an Anvil that has no contracts yet.</summary>
    public static async Task DeployAsync(EthereumRpc rpc, CancellationToken cancellationToken)
    {
        await StandInContracts.DeployAsync(rpc, cancellationToken);
        EthereumAddress[] changed =
        [
            ChainAddresses.NodeRegistry, ChainAddresses.RateRegistry, ChainAddresses.PayerRegistry, ChainAddresses.PayerReportManager,
            ChainAddresses.ParameterRegistry, ChainAddresses.FeeToken, ChainAddresses.UnderlyingFeeToken,
            ChainAddresses.GroupMessageBroadcaster, ChainAddresses.IdentityUpdateBroadcaster,
        ];
        foreach (var contract in changed)
        {
            var code = (await rpc.GetCodeAsync(contract, cancellationToken)).OrThrow().ToArray();
            Replace(code, DevAccounts.Administrator.Bytes, Nobody);
            foreach (var favor in Favors)
                Replace(code, [Push4, .. AbiSignature.Selector(favor), Equal], [Push4, .. NoFunction, Equal]);
            (await rpc.Transport.SendAsync("anvil_setCode", [contract, code], cancellationToken)).OrThrow();
        }
    }

    private static void Replace(Span<byte> code, ReadOnlySpan<byte> what, ReadOnlySpan<byte> by)
    {
        for (var at = code.IndexOf(what); at >= 0; at = code.IndexOf(what)) by.CopyTo(code[at..]);
    }
}
