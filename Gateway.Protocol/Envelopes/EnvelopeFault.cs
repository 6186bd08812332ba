namespace Xmtp.Gateway.Protocol.Envelopes;

/// <summary>Why a request or an envelope is rejected before anything is sent.</summary>
/// <param name="Index">The envelope's index in the request, from 0; -1 for a fault of the request itself.</param>
/// <param name="Field">The protobuf name of the field, such as <c>aad.target_topic</c>.</param>
/// <param name="Message">The fault, without the field and the index.</param>
public sealed record EnvelopeFault(int Index, string Field, string Message)
{
    /// <summary>The text for the caller: <c>envelopes[2].aad.target_topic: …</c>.</summary>
    public override string ToString() => Index < 0 ? $"{Field}: {Message}" : $"envelopes[{Index}].{Field}: {Message}";
}
