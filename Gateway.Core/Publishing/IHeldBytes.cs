using Xmtp.Gateway.Identity;

namespace Xmtp.Gateway.Publishing;

/// <summary>Counts bytes that are held for a caller after its call has ended.</summary>
internal interface IHeldBytes
{
    /// <summary>
    /// Counts bytes until what is returned is disposed of. They are there already, so nothing is refused: whoever asks
    /// next finds less room.
    /// </summary>
    /// <param name="caller">Whose they are; null when it is not known.</param>
    /// <param name="bytes">How many.</param>
    IDisposable Hold(ClientIdentity? caller, long bytes);
}
