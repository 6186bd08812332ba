using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Xmtp.Gateway.Identity;

namespace Xmtp.Gateway.Endpoints.Admission;

/// <summary>Hashes of callers, which differ from process to process, so that nobody can choose one.</summary>
internal static class CallerHash
{
    /// <summary>The hash of an identity.</summary>
    internal static uint Of(ClientIdentity identity) =>
        (uint)HashCode.Combine(
            string.GetHashCode(identity.Kind, StringComparison.Ordinal), string.GetHashCode(identity.Value, StringComparison.Ordinal));

    /// <summary>The hash of an address: an IPv4 address, or the /64 of an IPv6 address.</summary>
    internal static uint Of(IPAddress address)
    {
        address = ClientAddress.Fold(address);
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        var part = bytes[..(address.AddressFamily == AddressFamily.InterNetworkV6 ? 8 : 4)];
        return (uint)string.GetHashCode(MemoryMarshal.Cast<byte, char>(part));
    }
}
