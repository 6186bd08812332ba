using System.Text;
using Google.Protobuf;
using Xmtp.Gateway.Endpoints.Methods;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.Endpoints.Calls;

/// <summary>Protobuf's JSON form of requests and replies. Unknown fields are ignored.</summary>
/// <remarks>Here alone an envelope is serialized by us: JSON has no bytes of its own to sign.</remarks>
internal static class JsonCodec
{
    private static readonly JsonParser Parser = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(true));
    private static readonly UTF8Encoding Utf8 = new(false, throwOnInvalidBytes: true);
    private static readonly PublishError Broken = new(PublishErrorKind.InvalidArgument, "the request is not the JSON of its message type");

    /// <summary>JSON to protobuf bytes; null and an error when it is not the JSON of the type.</summary>
    internal static (byte[]? Message, PublishError? Error) Read(ReadOnlySpan<byte> json, IUnaryMethod method)
    {
        try
        {
            return (Parser.Parse(Utf8.GetString(json), method.RequestType).ToByteArray(), null);
        }
        catch (Exception e) when (e is IOException or FormatException or ArgumentException or OverflowException or InvalidOperationException)
        {
            return (null, Broken);
        }
    }

    /// <summary>Protobuf bytes to JSON.</summary>
    internal static byte[] Write(ReadOnlySpan<byte> message, IUnaryMethod method) =>
        Utf8.GetBytes(JsonFormatter.Default.Format(method.ReplyType.Parser.ParseFrom(message)));
}
