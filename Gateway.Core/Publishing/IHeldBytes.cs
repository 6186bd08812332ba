using Xmtp.Gateway.Identity;

namespace Xmtp.Gateway.Publishing;

/// <summary>Counts bytes that are held for a caller after its call has ended.</summary>
internal interface IHeldBytes
{
    /// <summary>
    /// Counts bytes until the returned object is disposed. Never refuses, since the bytes are held already; later
    /// callers have less room.
    /// </summary>
    /// <param name="caller">The caller they are held for; null when it is not known.</param>
    /// <param name="bytes">The number of bytes.</param>
    IDisposable Hold(ClientIdentity? caller, long bytes);
}
