using System.Security.Cryptography;
using System.Text;

namespace Xmtp.Gateway.Identity;

/// <summary>Hashes of identities for the shared store and the log.</summary>
/// <remarks>
/// They are pseudonyms: keys of equal form for identities of any length, which do not show a name. Whoever can guess an
/// identity, such as an IPv4 address, can find its hash.
/// </remarks>
internal static class IdentityHash
{
    private const int HashBytes = 16;

    /// <summary>
    /// 128 bits of the SHA-256 of kind and value, and of the payer where there are several, in lower-case hex. Equal in all processes
    /// and releases.
    /// </summary>
    internal static string Of(ClientIdentity identity)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        var payer = identity.Payer is { } name ? "\0" + name : "";
        SHA256.HashData(Encoding.UTF8.GetBytes(identity.Kind + "\0" + identity.Value + payer), hash);
        return Convert.ToHexStringLower(hash[..HashBytes]);
    }
}
