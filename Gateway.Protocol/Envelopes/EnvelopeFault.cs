namespace Xmtp.Gateway.Protocol.Envelopes;

/// <summary>Why a request or an envelope is refused before anything is sent.</summary>
/// <param name="Index">The envelope's place in the request, from 0; -1 when the fault is the request's own.</param>
/// <param name="Field">The field, in protobuf's names, such as <c>aad.target_topic</c>.</param>
/// <param name="Message">What is wrong, without the field and the index.</param>
public sealed record EnvelopeFault(int Index, string Field, string Message)
{
    /// <summary>The text for the caller: <c>envelopes[2].aad.target_topic: …</c>.</summary>
    public override string ToString() => Index < 0 ? $"{Field}: {Message}" : $"envelopes[{Index}].{Field}: {Message}";
}
