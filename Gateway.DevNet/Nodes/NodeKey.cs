using System.Globalization;
using System.Text;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.DevNet.Nodes;

/// <summary>The fixed key of each node of the local network. Public, so never use it elsewhere.</summary>
public static class NodeKey
{
    /// <summary>
    /// The signer of a node: keccak256("xmtp local network, node N"), the same on every machine and at every start.
    /// </summary>
    public static PrivateKeySigner Of(uint nodeId)
    {
        var seed = string.Create(CultureInfo.InvariantCulture, $"xmtp local network, node {nodeId}");
        return PrivateKeySigner.TryParse(Convert.ToHexString(Keccak256.Hash(Encoding.UTF8.GetBytes(seed))), out var signer)
            ? signer
            : throw new InvalidOperationException($"node {nodeId} has no key");
    }
}
