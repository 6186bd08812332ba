using System.Security.Cryptography;
using System.Text;

namespace Xmtp.Gateway.Identity;

/// <summary>Hashes of identities for the shared store and the log, which must not reveal who publishes.</summary>
internal static class IdentityHash
{
    private const int HashBytes = 16;

    /// <summary>128 bits of the SHA-256 of kind and value, in lower-case hex. Equal in all processes and releases.</summary>
    internal static string Of(ClientIdentity identity)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(identity.Kind + "\0" + identity.Value), hash);
        return Convert.ToHexStringLower(hash[..HashBytes]);
    }
}
