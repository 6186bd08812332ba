using System.Buffers;
using System.Globalization;
using System.Text;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.DevNet.Nodes.Replication;

/// <summary>The token by which a node of the local network authenticates to another one.</summary>
/// <remarks><code>node-authorization: ID.SIGNATURE      the signature is over keccak256("node ID asks node ID")</code></remarks>
internal static class NodeToken
{
    /// <summary>The header of the token.</summary>
    public const string Header = "node-authorization";

    /// <summary>Creates a token.</summary>
    /// <param name="from">The id of the calling node.</param>
    /// <param name="to">The id of the called node.</param>
    /// <param name="key">The key of the calling node.</param>
    public static string Make(uint from, uint to, PrivateKeySigner key)
    {
        var signature = new byte[65];
        key.Sign(Hash(from, to), signature);
        return string.Create(CultureInfo.InvariantCulture, $"{from}.{Convert.ToHexStringLower(signature)}");
    }

    /// <summary>Whether a token was created by a peer for this node.</summary>
    /// <param name="token">The header's value; null when there is none.</param>
    /// <param name="to">The id of this node.</param>
    /// <param name="peers">The nodes that it follows.</param>
    public static bool IsGood(string? token, uint to, IReadOnlyList<NodePeer> peers)
    {
        var parts = token?.Split('.') ?? [];
        if (parts.Length != 2
            || parts[1].Length != 130
            || !uint.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var from))
        {
            return false;
        }
        if (peers.FirstOrDefault(peer => peer.Id == from) is not { } peer) return false;
        Span<byte> signature = stackalloc byte[65];
        Span<byte> signer = stackalloc byte[65];
        return Convert.FromHexString(parts[1], signature, out _, out var written) == OperationStatus.Done && written == signature.Length
            && Secp256k1.Default.TryRecover(Hash(from, to), signature, signer) && signer.SequenceEqual(peer.PublicKey.Span);
    }

    private static byte[] Hash(uint from, uint to) =>
        Keccak256.Hash(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"node {from} asks node {to}")));
}
